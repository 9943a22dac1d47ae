//! One request, as it was and as it is sent again.

use std::time::Duration;

use accountd::proto::{self, upload_profile_picture_request::Header};
use tonic::{Request, Status, metadata::MetadataValue};

use crate::support::{client::Client, pictures};

/// A message of the contract.
#[derive(Clone, Debug)]
pub enum Message {
    Register(proto::RegisterRequest),
    RequestOtp(proto::RequestOtpRequest),
    VerifyOtp(proto::VerifyOtpRequest),
    ResendOtp(proto::ResendOtpRequest),
    Login(proto::LoginRequest),
    Refresh(proto::RefreshRequest),
    Logout(proto::LogoutRequest),
    RevokeSession(proto::RevokeSessionRequest),
    Update(proto::UpdateRequest),
    ResetPassword(proto::ResetPasswordRequest),
    Delete(proto::DeleteRequest),
    Upload(Header, Vec<u8>),
    DeletePicture(proto::DeleteProfilePictureRequest),
    GetCurrent,
    ListSessions,
    Download,
}

/// Who asks for what.
#[derive(Clone)]
pub struct Ask {
    pub client: Client,
    pub message: Message,
}

impl Ask {
    /// Sends it, to be answered within that time where one is given. The tokens of the answer, where it has some.
    pub async fn send(&self, within: Option<Duration>) -> Result<Option<proto::Tokens>, Status> {
        let mut rpc = self.client.rpc.clone();
        macro_rules! unary {
            ($method:ident, $message:expr) => {
                rpc.$method(self.request($message.clone(), within))
                    .await?
                    .into_inner()
            };
        }
        Ok(match &self.message {
            Message::Register(message) => {
                unary!(register, message);
                None
            }
            Message::RequestOtp(message) => {
                unary!(request_otp, message);
                None
            }
            Message::VerifyOtp(message) => unary!(verify_otp, message).tokens,
            Message::ResendOtp(message) => {
                unary!(resend_otp, message);
                None
            }
            Message::Login(message) => unary!(login, message).tokens,
            Message::Refresh(message) => unary!(refresh, message).tokens,
            Message::Logout(message) => {
                unary!(logout, message);
                None
            }
            Message::RevokeSession(message) => {
                unary!(revoke_session, message);
                None
            }
            Message::Update(message) => unary!(update, message).tokens,
            Message::ResetPassword(message) => {
                unary!(reset_password, message);
                None
            }
            Message::Delete(message) => {
                unary!(delete, message);
                None
            }
            Message::Upload(header, file) => {
                let messages = pictures::messages(header.clone(), file);
                let request = self.request(futures_util::stream::iter(messages), within);
                rpc.upload_profile_picture(request).await?;
                None
            }
            Message::DeletePicture(message) => {
                unary!(delete_profile_picture, message);
                None
            }
            Message::GetCurrent => {
                unary!(get_current, proto::GetCurrentRequest::default());
                None
            }
            Message::ListSessions => {
                unary!(list_sessions, proto::ListSessionsRequest::default());
                None
            }
            Message::Download => {
                let message = proto::DownloadProfilePictureRequest::default();
                let mut stream = unary!(download_profile_picture, message);
                while stream.message().await?.is_some() {}
                None
            }
        })
    }

    fn request<T>(&self, message: T, within: Option<Duration>) -> Request<T> {
        let mut request = self.client.request(message);
        if let Some(within) = within {
            let text = format!("{}m", within.as_millis());
            let line = MetadataValue::try_from(text).unwrap();
            request.metadata_mut().insert("grpc-timeout", line);
        }
        request
    }
}
