//! Every mutation of the contract, and somebody for it to happen to.

use std::time::Duration;

use accountd::{
    proto::{
        self, OtpPurpose, Tokens, login_request::Identifier, upload_profile_picture_request::Header,
    },
    store::{account, code, reply, session},
};
use futures_util::stream;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use tonic::{Request, Status};
use uuid::Uuid;

use crate::support::{
    client::{Client, PASSWORD},
    pictures::{self, header, messages},
    samples,
    service::Node,
};

macro_rules! send {
    ($client:ident.$method:ident($within:ident) $message:expr) => {{
        let request = timed($client.request($message), $within);
        $client.rpc.clone().$method(request).await.map(drop)
    }};
}

/// A method that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    Register,
    RequestOtp,
    VerifyOtp,
    ResendOtp,
    Login,
    Refresh,
    Logout,
    Update,
    Delete,
    ResetPassword,
    RevokeSession,
    UploadProfilePicture,
    DeleteProfilePicture,
}

impl Mutation {
    pub(super) const ALL: [Self; 13] = [
        Self::Register,
        Self::RequestOtp,
        Self::VerifyOtp,
        Self::ResendOtp,
        Self::Login,
        Self::Refresh,
        Self::Logout,
        Self::Update,
        Self::Delete,
        Self::ResetPassword,
        Self::RevokeSession,
        Self::UploadProfilePicture,
        Self::DeleteProfilePicture,
    ];
}

/// The wait before a code is sent again: so short that all answers are still kept when everybody has waited.
pub(super) const COOLDOWN: Duration = Duration::from_secs(1);

/// Somebody with two sessions, and with what the mutation needs.
pub(super) struct Person {
    pub(super) mutation: Mutation,
    pub(super) client: Client,
    name: String,
    id: Uuid,
    tokens: Tokens,
    other: Tokens,
    code: String,
    request_id: String,
}

impl Person {
    pub(super) async fn new(node: &Node, name: String, mutation: Mutation) -> Self {
        let client = node.client();
        let registered = client.register(client.registration(&name)).await.unwrap();
        let other = client.login(&name, PASSWORD).await.unwrap().tokens.unwrap();
        let tokens = client.login(&name, PASSWORD).await.unwrap().tokens.unwrap();
        let client = client.with(&tokens.access_token);
        let request_id: Uuid = node.app.random.id(node.app.clock.now());
        let mut person = Self {
            mutation,
            client,
            name,
            id: registered.account.unwrap().id.parse().unwrap(),
            tokens,
            other,
            code: String::new(),
            request_id: request_id.to_string(),
        };
        person.prepare(node).await;
        person
    }

    async fn prepare(&mut self, node: &Node) {
        let client = &self.client;
        match self.mutation {
            Mutation::VerifyOtp | Mutation::ResendOtp => {
                client.change_email(&self.new_address()).await.unwrap();
                self.code = client.code_for(&self.new_address()).await;
            }
            Mutation::ResetPassword => {
                let purpose = OtpPurpose::ResetPassword;
                client.request_otp(&self.address(), purpose).await.unwrap();
                self.code = client.code_for(&self.address()).await;
            }
            Mutation::DeleteProfilePicture => {
                pictures::upload(client, &samples::png(8, 8)).await.unwrap();
            }
            _ => {}
        }
        if self.mutation == Mutation::ResendOtp {
            node.advance(COOLDOWN);
        }
    }

    fn address(&self) -> String {
        format!("{}@example.com", self.name)
    }

    fn new_address(&self) -> String {
        format!("new-{}@example.com", self.name)
    }

    /// Who is registered by the mutation that does that.
    fn newcomer(&self) -> String {
        format!("{}-new", self.name)
    }

    /// Sends the request of the mutation, always the same, perhaps with a deadline.
    pub(super) async fn send(
        &self,
        client: &Client,
        within: Option<Duration>,
    ) -> Result<(), Status> {
        let request_id = self.request_id.clone();
        let name = self.name.clone();
        match self.mutation {
            Mutation::Register => send!(client.register(within) proto::RegisterRequest {
                request_id,
                ..client.registration(&self.newcomer())
            }),
            Mutation::RequestOtp => send!(client.request_otp(within) proto::RequestOtpRequest {
                email: self.address(),
                purpose: OtpPurpose::ResetPassword.into(),
                request_id,
                ..proto::RequestOtpRequest::default()
            }),
            Mutation::VerifyOtp => send!(client.verify_otp(within) proto::VerifyOtpRequest {
                subject: Some(proto::verify_otp_request::Subject::Username(name)),
                purpose: OtpPurpose::ChangeEmail.into(),
                code: self.code.clone(),
                request_id,
                ..proto::VerifyOtpRequest::default()
            }),
            Mutation::ResendOtp => send!(client.resend_otp(within) proto::ResendOtpRequest {
                subject: Some(proto::resend_otp_request::Subject::Username(name)),
                purpose: OtpPurpose::ChangeEmail.into(),
                request_id,
                ..proto::ResendOtpRequest::default()
            }),
            Mutation::Login => send!(client.login(within) proto::LoginRequest {
                identifier: Some(Identifier::Username(name)),
                password: PASSWORD.to_owned(),
                request_id,
                ..proto::LoginRequest::default()
            }),
            Mutation::ResetPassword => {
                send!(client.reset_password(within) proto::ResetPasswordRequest {
                    email: self.address(),
                    code: self.code.clone(),
                    new_password: String::from("a short night ashore"),
                    request_id,
                    ..proto::ResetPasswordRequest::default()
                })
            }
            _ => self.send_with_token(client, within).await,
        }
    }

    /// Those that only the owner may send.
    async fn send_with_token(
        &self,
        client: &Client,
        within: Option<Duration>,
    ) -> Result<(), Status> {
        let request_id = self.request_id.clone();
        match self.mutation {
            Mutation::Refresh => send!(client.refresh(within) proto::RefreshRequest {
                refresh_token: self.tokens.refresh_token.clone(),
                request_id,
            }),
            Mutation::Logout => send!(client.logout(within) proto::LogoutRequest {
                request_id,
                ..proto::LogoutRequest::default()
            }),
            Mutation::Update => send!(client.update(within) proto::UpdateRequest {
                full_name: String::from("Ada"),
                request_id,
                ..proto::UpdateRequest::default()
            }),
            Mutation::Delete => send!(client.delete(within) proto::DeleteRequest {
                current_password: PASSWORD.to_owned(),
                request_id,
                ..proto::DeleteRequest::default()
            }),
            Mutation::RevokeSession => {
                send!(client.revoke_session(within) proto::RevokeSessionRequest {
                    session_id: self.other.session_id.clone(),
                    request_id,
                })
            }
            Mutation::DeleteProfilePicture => {
                send!(client.delete_profile_picture(within) proto::DeleteProfilePictureRequest {
                    request_id,
                    ..proto::DeleteProfilePictureRequest::default()
                })
            }
            _ => {
                let file = samples::png(10, 10);
                let header = Header {
                    request_id,
                    ..header(&file)
                };
                let parts = stream::iter(messages(header, &file));
                send!(client.upload_profile_picture(within) parts)
            }
        }
    }

    /// Whether an answer is kept for whoever asks again.
    pub(super) async fn is_told(&self, node: &Node) -> bool {
        let key = format!("{:?}/{}", self.mutation, self.request_id);
        let now = node.app.clock.now().millis();
        let kept = reply::Entity::find_live(&node.app.db, &key, now).await;
        kept.unwrap().is_some()
    }

    /// Whether the mutation has happened, once.
    pub(super) async fn has_happened(&self, node: &Node) -> bool {
        let db = &node.app.db;
        let account = account::Entity::find_by_id(self.id).one(db).await.unwrap();
        let Some(account) = account else {
            return self.mutation == Mutation::Delete;
        };
        match self.mutation {
            Mutation::Register => {
                let named = account::Column::Username.eq(self.newcomer());
                let found = account::Entity::find().filter(named).count(db).await;
                found.unwrap() == 1
            }
            Mutation::RequestOtp => self.issues(node, "reset_password").await == Some(1),
            Mutation::ResendOtp => self.issues(node, "change_email").await == Some(2),
            Mutation::VerifyOtp => {
                account.email == Some(self.new_address()) && account.version == 3
            }
            Mutation::Login => self.sessions(node).await == 3,
            Mutation::Refresh => {
                let session = self.session(node, &self.tokens).await.unwrap();
                session.generation == 1
            }
            Mutation::Logout => self.session(node, &self.tokens).await.is_none(),
            Mutation::RevokeSession => self.session(node, &self.other).await.is_none(),
            Mutation::Update => account.full_name.is_some() && account.version == 2,
            Mutation::Delete => false,
            Mutation::ResetPassword => account.version == 2 && self.sessions(node).await == 0,
            Mutation::UploadProfilePicture => account.picture_id.is_some() && account.version == 2,
            Mutation::DeleteProfilePicture => account.picture_id.is_none() && account.version == 3,
        }
    }

    async fn issues(&self, node: &Node, purpose: &str) -> Option<i32> {
        let addresses = [self.address(), self.new_address()];
        let row = code::Entity::find()
            .filter(code::Column::Address.is_in(addresses))
            .filter(code::Column::Purpose.eq(purpose))
            .one(&node.app.db)
            .await;
        row.unwrap().map(|row| row.window_issues)
    }

    async fn sessions(&self, node: &Node) -> u64 {
        let own = session::Column::AccountId.eq(self.id);
        let count = session::Entity::find().filter(own).count(&node.app.db);
        count.await.unwrap()
    }

    async fn session(&self, node: &Node, tokens: &Tokens) -> Option<session::Model> {
        let id: Uuid = tokens.session_id.parse().unwrap();
        let found = session::Entity::find_by_id(id).one(&node.app.db).await;
        found.unwrap()
    }
}

fn timed<T>(mut request: Request<T>, within: Option<Duration>) -> Request<T> {
    if let Some(within) = within {
        request.set_timeout(within);
    }
    request
}
