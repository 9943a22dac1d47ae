//! The calls that meet a deletion, and somebody to be deleted.

use accountd::proto::{self, OtpPurpose, Tokens, upload_profile_picture_request::Header};
use tonic::Status;

use crate::{
    grpc::codes::COOLDOWN,
    support::{
        client::{Client, PASSWORD},
        codes::Who,
        pictures::{self, header, upload_as},
        samples,
        service::Node,
    },
};

pub(super) const NEW_PASSWORD: &str = "a short night ashore";

/// What meets the deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rival {
    Login,
    Refresh,
    Update,
    Logout,
    Revoke,
    Register,
    RequestOtp,
    ResetPassword,
    Upload,
    UploadByTicket,
    DeletePicture,
    /// The last two are of realms whose logins take a code.
    VerifyOtp,
    ResendOtp,
}

pub(super) const OF_ONE_STEP: [Rival; 11] = [
    Rival::Login,
    Rival::Refresh,
    Rival::Update,
    Rival::Logout,
    Rival::Revoke,
    Rival::Register,
    Rival::RequestOtp,
    Rival::ResetPassword,
    Rival::Upload,
    Rival::UploadByTicket,
    Rival::DeletePicture,
];
pub(super) const OF_TWO_STEPS: [Rival; 2] = [Rival::VerifyOtp, Rival::ResendOtp];

/// Somebody to be deleted, with all that could outlive the account.
pub(super) struct Person {
    pub(super) client: Client,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) tokens: Tokens,
    pub(super) other: Tokens,
    pub(super) ticket: String,
    /// A code to log in with or to set a new password with.
    pub(super) code: String,
}

impl Person {
    pub(super) async fn new(node: &Node, name: String, rival: Rival) -> Self {
        let stranger = node.client();
        let message = proto::RegisterRequest {
            picture_ticket: true,
            ..stranger.registration(&name)
        };
        let registered = stranger.register(message).await.unwrap();
        let has_code = OF_TWO_STEPS.contains(&rival) || rival == Rival::ResetPassword;
        let mut person = Self {
            client: stranger,
            name,
            id: registered.account.unwrap().id,
            tokens: Tokens::default(),
            other: Tokens::default(),
            ticket: registered.picture_ticket,
            code: String::new(),
        };
        person.other = person.enter(1).await;
        person.tokens = person.enter(2).await;
        person.client = person.client.with(&person.tokens.access_token);
        if rival == Rival::DeletePicture {
            let file = samples::png(8, 8);
            pictures::upload(&person.client, &file).await.unwrap();
        }
        if has_code {
            person.code = person.ask_for_code(rival).await;
        }
        if rival == Rival::ResendOtp {
            node.advance(COOLDOWN);
        }
        person
    }

    pub(super) fn address(&self) -> String {
        format!("{}@example.com", self.name)
    }

    /// Logs in, with the code of that number where one is sent.
    async fn enter(&self, number: usize) -> Tokens {
        let answer = self.client.login(&self.name, PASSWORD).await.unwrap();
        if let Some(tokens) = answer.tokens {
            return tokens;
        }
        let code = self.client.code_number(&self.address(), number).await;
        self.bring(&self.client, &code)
            .await
            .unwrap()
            .tokens
            .unwrap()
    }

    async fn ask_for_code(&self, rival: Rival) -> String {
        if rival == Rival::ResetPassword {
            let purpose = OtpPurpose::ResetPassword;
            let asked = self.client.request_otp(&self.address(), purpose).await;
            asked.unwrap();
            return self.client.code_number(&self.address(), 1).await;
        }
        self.client.login(&self.name, PASSWORD).await.unwrap();
        self.client.code_number(&self.address(), 3).await
    }

    pub(super) async fn bring(
        &self,
        client: &Client,
        code: &str,
    ) -> Result<proto::VerifyOtpResponse, Status> {
        client
            .bring(OtpPurpose::Login, Who::Id(&self.id), code)
            .await
    }
}

impl Rival {
    /// Comes on `node`. The tokens that it got, if it got any.
    pub(super) async fn come(self, node: &Node, person: &Person) -> Result<Option<Tokens>, Status> {
        let stranger = node.client();
        let own = stranger.with(&person.other.access_token);
        let file = samples::png(10, 10);
        match self {
            Self::Login => return Ok(stranger.login(&person.name, PASSWORD).await?.tokens),
            Self::Refresh => {
                return stranger
                    .refresh(&person.tokens.refresh_token)
                    .await
                    .map(Some);
            }
            Self::VerifyOtp => return Ok(person.bring(&stranger, &person.code).await?.tokens),
            Self::Update => {
                let message = proto::UpdateRequest {
                    full_name: String::from("Ada"),
                    ..proto::UpdateRequest::default()
                };
                own.update(message).await.map(drop)
            }
            Self::Logout => own.with(&person.tokens.access_token).logout().await,
            Self::Revoke => {
                let message = proto::RevokeSessionRequest {
                    session_id: person.tokens.session_id.clone(),
                    ..proto::RevokeSessionRequest::default()
                };
                let mut rpc = own.rpc.clone();
                rpc.revoke_session(own.request(message)).await.map(drop)
            }
            Self::Register => {
                let message = stranger.registration(&person.name);
                stranger.register(message).await.map(drop)
            }
            Self::RequestOtp => {
                let purpose = OtpPurpose::ResetPassword;
                let asked = stranger.request_otp(&person.address(), purpose).await;
                asked.map(drop)
            }
            Self::ResetPassword => {
                let (address, code) = (person.address(), &person.code);
                stranger.reset_password(&address, code, NEW_PASSWORD).await
            }
            Self::Upload => pictures::upload(&own, &file).await.map(drop),
            Self::UploadByTicket => upload_by_ticket(&stranger, person).await,
            Self::DeletePicture => pictures::delete(&own).await.map(drop),
            Self::ResendOtp => {
                let who = Who::Id(&person.id);
                stranger.ask_again(OtpPurpose::Login, who).await.map(drop)
            }
        }
        .map(|()| None)
    }

    /// What it may be told when the deletion came first.
    pub(super) const fn refusals(self) -> &'static [&'static str] {
        match self {
            Self::Login | Self::ResendOtp => &["ACCOUNT_NOT_FOUND"],
            Self::Refresh => &["REFRESH_TOKEN_INVALID"],
            Self::VerifyOtp => &["ACCOUNT_NOT_FOUND", "CODE_NOT_FOUND"],
            Self::ResetPassword => &["CODE_NOT_FOUND"],
            Self::Register => &["USERNAME_TAKEN", "EMAIL_TAKEN"],
            Self::UploadByTicket => &["UPLOAD_TICKET_INVALID"],
            Self::Revoke => &["ACCOUNT_DELETED", "TOKEN_REVOKED", "SESSION_NOT_FOUND"],
            Self::Update | Self::Logout | Self::Upload | Self::DeletePicture => {
                &["ACCOUNT_DELETED", "TOKEN_REVOKED"]
            }
            // Whether the address has an account is not told.
            Self::RequestOtp => &[],
        }
    }

    /// Whether it ends the session that the deletion is asked for by.
    pub(super) const fn may_come_first_for_good(self) -> bool {
        matches!(self, Self::Logout | Self::Revoke | Self::ResetPassword)
    }
}

/// Uploads a picture by the ticket of the registration.
pub(super) async fn upload_by_ticket(stranger: &Client, person: &Person) -> Result<(), Status> {
    let file = samples::png(10, 10);
    let header = Header {
        ticket: person.ticket.clone(),
        ..header(&file)
    };
    upload_as(stranger, header, &file).await.map(drop)
}
