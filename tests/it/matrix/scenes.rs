//! The operations of the contract, each with the ground that it needs.

mod changes;
mod pictures;
mod registrations;
mod sessions;

use std::time::Duration;

use accountd::proto::{self, OtpPurpose, verify_otp_request};
use futures_util::future::BoxFuture;

use super::ask::{Ask, Message};
use crate::support::client::Client;

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
                registrations::join(self, stage, &client, name, id).await
            }
            Self::RegisterByCode => {
                let pupils = stage.client("school");
                let message = registrations::pupil(&pupils, name, id).await;
                ask(&pupils, Message::Register(message))
            }
            Self::ConfirmEmail => changes::confirm_email(client, name, id).await,
            Self::SecondStep | Self::FirstStep => {
                sessions::two_step(self, stage.client("two_step"), name, id).await
            }
            Self::Login
            | Self::Refresh
            | Self::Logout
            | Self::LogoutByRefreshToken
            | Self::LogoutEverywhere
            | Self::RevokeSession => sessions::session(self, stage, &client, name, id).await,
            Self::Update
            | Self::UpdatePassword
            | Self::UpdateEmail
            | Self::ResetPassword
            | Self::Delete => changes::change(self, stage, &client, name, id).await,
            Self::UpdateEmailByCode => changes::update_email_by_code(stage, name, id).await,
            Self::UploadPicture
            | Self::ReplacePicture
            | Self::DeletePicture
            | Self::GetCurrent
            | Self::ListSessions
            | Self::DownloadPicture => {
                pictures::picture(self, stage, &client.joined(name).await, id).await
            }
        }
    }
}

fn ask(client: &Client, message: Message) -> Ask {
    Ask {
        client: client.clone(),
        message,
    }
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
