//! The operations of the contract, each with the ground that it needs.

use std::{collections::BTreeMap, time::Duration};

use accountd::proto::{
    self, OtpPurpose, login_request, resend_otp_request, upload_profile_picture_request::Header,
    verify_otp_request,
};
use futures_util::future::BoxFuture;
use prost_types::{Struct, Value, value::Kind};

use super::ask::{Ask, Message};
use crate::support::{
    client::{Client, PASSWORD},
    pictures, samples,
};

/// What a changed password is.
const NEW_PASSWORD: &str = "another day at the sea";

/// Longer than every wait between codes, shorter than the life of a code.
const WAIT: Duration = Duration::from_secs(61);

/// One operation in one situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scene {
    Register,
    RegisterByCode,
    RequestOtp,
    Activate,
    ConfirmEmail,
    SecondStep,
    ResendOtp,
    Login,
    FirstStep,
    Refresh,
    Logout,
    LogoutByRefreshToken,
    LogoutEverywhere,
    RevokeSession,
    Update,
    UpdatePassword,
    UpdateEmail,
    UpdateEmailByCode,
    ResetPassword,
    Delete,
    UploadPicture,
    ReplacePicture,
    DeletePicture,
    GetCurrent,
    ListSessions,
    DownloadPicture,
}

pub const ALL: [Scene; 26] = [
    Scene::Register,
    Scene::RegisterByCode,
    Scene::RequestOtp,
    Scene::Activate,
    Scene::ConfirmEmail,
    Scene::SecondStep,
    Scene::ResendOtp,
    Scene::Login,
    Scene::FirstStep,
    Scene::Refresh,
    Scene::Logout,
    Scene::LogoutByRefreshToken,
    Scene::LogoutEverywhere,
    Scene::RevokeSession,
    Scene::Update,
    Scene::UpdatePassword,
    Scene::UpdateEmail,
    Scene::UpdateEmailByCode,
    Scene::ResetPassword,
    Scene::Delete,
    Scene::UploadPicture,
    Scene::ReplacePicture,
    Scene::DeletePicture,
    Scene::GetCurrent,
    Scene::ListSessions,
    Scene::DownloadPicture,
];

/// Where a scene is played: in this process or in one of its own.
pub struct Stage {
    client_of: Box<dyn Fn(&str) -> Client + Send + Sync>,
    pass: Box<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Stage {
    pub fn new(
        client_of: impl Fn(&str) -> Client + Send + Sync + 'static,
        pass: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            client_of: Box::new(client_of),
            pass: Box::new(pass),
        }
    }

    pub fn client(&self, realm: &str) -> Client {
        (self.client_of)(realm)
    }

    /// Lets time pass for the service.
    async fn pass(&self, time: Duration) {
        (self.pass)(time).await;
    }
}

/// The addresses that a person of that name may have mail at.
pub fn addresses(name: &str) -> [String; 2] {
    [format!("{name}@example.com"), moved(name)]
}

fn mail_of(name: &str) -> String {
    format!("{name}@example.com")
}

fn moved(name: &str) -> String {
    format!("{name}@example.net")
}

impl Scene {
    /// Whether the scene changes anything, so that it has a request id.
    pub const fn changes(self) -> bool {
        !matches!(
            self,
            Self::GetCurrent | Self::ListSessions | Self::DownloadPicture
        )
    }

    /// Whether it brings a code back, which the key-value store must still know.
    pub const fn brings_a_code(self) -> bool {
        matches!(
            self,
            Self::RegisterByCode
                | Self::Activate
                | Self::ConfirmEmail
                | Self::SecondStep
                | Self::UpdateEmailByCode
                | Self::ResetPassword
        )
    }

    /// Makes the ground for a person of that name, who is to bear `id` as the request's.
    pub async fn prepare(self, stage: &Stage, name: &str, id: &str) -> Ask {
        let client = stage.client("default");
        match self {
            Self::Register | Self::RequestOtp | Self::Activate | Self::ResendOtp => {
                join(self, stage, &client, name, id).await
            }
            Self::RegisterByCode => {
                let pupils = stage.client("school");
                let message = pupil(&pupils, name, id).await;
                ask(&pupils, Message::Register(message))
            }
            Self::ConfirmEmail => confirm_email(client, name, id).await,
            Self::SecondStep | Self::FirstStep => {
                two_step(self, stage.client("two_step"), name, id).await
            }
            Self::Login
            | Self::Refresh
            | Self::Logout
            | Self::LogoutByRefreshToken
            | Self::LogoutEverywhere
            | Self::RevokeSession => session(self, stage, &client, name, id).await,
            Self::Update
            | Self::UpdatePassword
            | Self::UpdateEmail
            | Self::ResetPassword
            | Self::Delete => change(self, stage, &client, name, id).await,
            Self::UpdateEmailByCode => update_email_by_code(stage, name, id).await,
            Self::UploadPicture
            | Self::ReplacePicture
            | Self::DeletePicture
            | Self::GetCurrent
            | Self::ListSessions
            | Self::DownloadPicture => picture(self, stage, &client.joined(name).await, id).await,
        }
    }
}

fn ask(client: &Client, message: Message) -> Ask {
    Ask {
        client: client.clone(),
        message,
    }
}

async fn join(scene: Scene, stage: &Stage, client: &Client, name: &str, id: &str) -> Ask {
    let request_id = id.to_owned();
    let message = match scene {
        Scene::Register => Message::Register(proto::RegisterRequest {
            request_id,
            ..client.registration(name)
        }),
        Scene::RequestOtp => {
            client.join(name).await;
            Message::RequestOtp(proto::RequestOtpRequest {
                realm: client.realm.clone(),
                email: mail_of(name),
                purpose: OtpPurpose::ResetPassword.into(),
                request_id,
                ..proto::RequestOtpRequest::default()
            })
        }
        _ => {
            let (account, code) = client.pending(name).await;
            if scene == Scene::Activate {
                verification(client, &account, OtpPurpose::Activate, code, request_id)
            } else {
                stage.pass(WAIT).await;
                Message::ResendOtp(proto::ResendOtpRequest {
                    realm: client.realm.clone(),
                    subject: Some(resend_otp_request::Subject::AccountId(account)),
                    purpose: OtpPurpose::Activate.into(),
                    request_id,
                    ..proto::ResendOtpRequest::default()
                })
            }
        }
    };
    ask(client, message)
}

fn verification(
    client: &Client,
    account: &str,
    purpose: OtpPurpose,
    code: String,
    request_id: String,
) -> Message {
    Message::VerifyOtp(proto::VerifyOtpRequest {
        realm: client.realm.clone(),
        subject: Some(verify_otp_request::Subject::AccountId(account.to_owned())),
        purpose: purpose.into(),
        code,
        request_id,
        ..proto::VerifyOtpRequest::default()
    })
}

/// A registration in a realm that wants the code of the address beforehand.
async fn pupil(client: &Client, name: &str, id: &str) -> proto::RegisterRequest {
    let address = mail_of(name);
    client
        .request_otp(&address, OtpPurpose::ProveAddress)
        .await
        .unwrap();
    let number = |value| Value {
        kind: Some(Kind::NumberValue(value)),
    };
    let department = Value {
        kind: Some(Kind::StringValue(String::from("KUL"))),
    };
    let attributes = BTreeMap::from([
        (String::from("absentnum"), number(36.0)),
        (String::from("angkatan"), number(12.0)),
        (String::from("jurusan"), department),
    ]);
    proto::RegisterRequest {
        full_name: String::from("Wongso Wijaya"),
        external_id: String::from("202272036"),
        attributes: Some(Struct { fields: attributes }),
        code: client.code_for(&address).await,
        request_id: id.to_owned(),
        ..client.registration(name)
    }
}

async fn confirm_email(client: Client, name: &str, id: &str) -> Ask {
    let client = client.joined(name).await;
    let account = client.current().await.unwrap().id;
    let address = moved(name);
    client.change_email(&address).await.unwrap();
    let code = client.code_for(&address).await;
    let message = verification(
        &client,
        &account,
        OtpPurpose::ChangeEmail,
        code,
        id.to_owned(),
    );
    ask(&client, message)
}

/// The password, or the code after it.
async fn two_step(scene: Scene, client: Client, name: &str, id: &str) -> Ask {
    let message = proto::RegisterRequest {
        full_name: String::from("Uzumaki Naruto"),
        ..client.registration(name)
    };
    let account = client.register(message).await.unwrap().account.unwrap().id;
    let address = mail_of(name);
    let code = client.code_for(&address).await;
    client.activate(&account, &code).await.unwrap();
    let login = proto::LoginRequest {
        realm: client.realm.clone(),
        identifier: Some(login_request::Identifier::Email(address.clone())),
        password: PASSWORD.to_owned(),
        ..proto::LoginRequest::default()
    };
    let message = if scene == Scene::FirstStep {
        Message::Login(proto::LoginRequest {
            request_id: id.to_owned(),
            ..login
        })
    } else {
        client.rpc.clone().login(login).await.unwrap();
        let code = client.code_number(&address, 2).await;
        verification(&client, &account, OtpPurpose::Login, code, id.to_owned())
    };
    ask(&client, message)
}

/// With two sessions, of which the first one asks.
async fn session(scene: Scene, stage: &Stage, client: &Client, name: &str, id: &str) -> Ask {
    let request_id = id.to_owned();
    let first = client.join(name).await.tokens.unwrap();
    stage.pass(Duration::from_secs(1)).await;
    let second = client.login(name, PASSWORD).await.unwrap().tokens.unwrap();
    stage.pass(Duration::from_secs(1)).await;
    let owner = client.with(&first.access_token);
    match scene {
        Scene::Login => ask(
            client,
            Message::Login(proto::LoginRequest {
                realm: client.realm.clone(),
                identifier: Some(login_request::Identifier::Username(name.to_owned())),
                password: PASSWORD.to_owned(),
                request_id,
            }),
        ),
        Scene::Refresh => ask(
            client,
            Message::Refresh(proto::RefreshRequest {
                refresh_token: first.refresh_token,
                request_id,
            }),
        ),
        Scene::LogoutByRefreshToken => ask(
            client,
            Message::Logout(proto::LogoutRequest {
                refresh_token: first.refresh_token,
                all_sessions: false,
                request_id,
            }),
        ),
        Scene::RevokeSession => ask(
            &owner,
            Message::RevokeSession(proto::RevokeSessionRequest {
                session_id: second.session_id,
                request_id,
            }),
        ),
        _ => ask(
            &owner,
            Message::Logout(proto::LogoutRequest {
                refresh_token: String::new(),
                all_sessions: scene == Scene::LogoutEverywhere,
                request_id,
            }),
        ),
    }
}

/// With two sessions, of which the first one asks.
async fn change(scene: Scene, stage: &Stage, client: &Client, name: &str, id: &str) -> Ask {
    let request_id = id.to_owned();
    let owner = client.joined(name).await;
    stage.pass(Duration::from_secs(1)).await;
    client.login(name, PASSWORD).await.unwrap();
    stage.pass(Duration::from_secs(1)).await;
    let current_password = PASSWORD.to_owned();
    let update = proto::UpdateRequest {
        current_password: current_password.clone(),
        request_id: request_id.clone(),
        ..proto::UpdateRequest::default()
    };
    let message = match scene {
        Scene::Update => Message::Update(proto::UpdateRequest {
            username: format!("{name}x"),
            full_name: String::from("Ada Lovelace"),
            current_password: String::new(),
            ..update
        }),
        Scene::UpdatePassword => Message::Update(proto::UpdateRequest {
            password: NEW_PASSWORD.to_owned(),
            ..update
        }),
        Scene::UpdateEmail => Message::Update(proto::UpdateRequest {
            email: moved(name),
            ..update
        }),
        Scene::ResetPassword => {
            let address = mail_of(name);
            let client = client.clone();
            client
                .request_otp(&address, OtpPurpose::ResetPassword)
                .await
                .unwrap();
            let code = client.code_number(&address, 2).await;
            return ask(
                &client,
                Message::ResetPassword(proto::ResetPasswordRequest {
                    realm: client.realm.clone(),
                    email: address,
                    code,
                    new_password: NEW_PASSWORD.to_owned(),
                    request_id,
                }),
            );
        }
        _ => Message::Delete(proto::DeleteRequest {
            current_password,
            request_id,
            ..proto::DeleteRequest::default()
        }),
    };
    ask(&owner, message)
}

async fn update_email_by_code(stage: &Stage, name: &str, id: &str) -> Ask {
    let client = stage.client("school");
    let message = pupil(&client, name, "").await;
    client.register(message).await.unwrap();
    let tokens = client.login(name, PASSWORD).await.unwrap().tokens.unwrap();
    let owner = client.with(&tokens.access_token);
    let email = moved(name);
    let purpose = OtpPurpose::ProveAddress;
    owner.request_otp(&email, purpose).await.unwrap();
    let code = owner.code_for(&email).await;
    ask(
        &owner,
        Message::Update(proto::UpdateRequest {
            email,
            code,
            request_id: id.to_owned(),
            ..proto::UpdateRequest::default()
        }),
    )
}

async fn picture(scene: Scene, stage: &Stage, owner: &Client, id: &str) -> Ask {
    let request_id = id.to_owned();
    let has_one = matches!(
        scene,
        Scene::ReplacePicture | Scene::DeletePicture | Scene::DownloadPicture
    );
    if has_one {
        pictures::upload(owner, &samples::png(32, 24))
            .await
            .unwrap();
        stage.pass(Duration::from_secs(1)).await;
    }
    let message = match scene {
        Scene::GetCurrent => Message::GetCurrent,
        Scene::ListSessions => Message::ListSessions,
        Scene::DownloadPicture => Message::Download,
        Scene::DeletePicture => Message::DeletePicture(proto::DeleteProfilePictureRequest {
            request_id,
            ..proto::DeleteProfilePictureRequest::default()
        }),
        _ => {
            let file = samples::jpeg(40, 30);
            let header = Header {
                request_id,
                ..pictures::header(&file)
            };
            Message::Upload(header, file)
        }
    };
    ask(owner, message)
}
