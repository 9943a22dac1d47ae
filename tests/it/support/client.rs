//! A person with a generated client and a mailbox.

use std::time::Duration;

use accountd::proto::{self, account_service_client::AccountServiceClient};
use tonic::{Code, Request, Status, metadata::MetadataValue, transport::Channel};
use tonic_types::StatusExt as _;

use super::mailbox::{Mailbox, code_in};

/// A password that every realm of the tests takes.
pub const PASSWORD: &str = "a long day at sea";

/// A person with a generated client and a mailbox.
#[derive(Clone)]
pub struct Client {
    pub rpc: AccountServiceClient<Channel>,
    pub realm: String,
    /// The access token that goes along with every call.
    pub token: Option<String>,
    /// What a trusted proxy says of where the calls come from.
    pub source: Option<String>,
    mailbox: Mailbox,
}

type Answer<T> = Result<T, Status>;

impl Client {
    pub fn new(
        rpc: AccountServiceClient<Channel>,
        realm: &str,
        mailbox: impl Into<Mailbox>,
    ) -> Self {
        Self {
            rpc,
            realm: realm.to_owned(),
            token: None,
            source: None,
            mailbox: mailbox.into(),
        }
    }

    /// The same person with a token.
    pub fn with(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same person behind another address, as a trusted proxy tells it.
    pub fn from(&self, source: &str) -> Self {
        Self {
            source: Some(source.to_owned()),
            ..self.clone()
        }
    }

    /// The message with the token of the client.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            let line = MetadataValue::try_from(format!("Bearer {token}")).unwrap();
            request.metadata_mut().insert("authorization", line);
        }
        if let Some(source) = &self.source {
            let line = MetadataValue::try_from(source).unwrap();
            request.metadata_mut().insert("x-forwarded-for", line);
        }
        request
    }

    /// A registration that the realm `default` takes.
    pub fn registration(&self, name: &str) -> proto::RegisterRequest {
        proto::RegisterRequest {
            realm: self.realm.clone(),
            username: name.to_owned(),
            email: format!("{name}@example.com"),
            password: PASSWORD.to_owned(),
            ..proto::RegisterRequest::default()
        }
    }

    pub async fn register(
        &self,
        message: proto::RegisterRequest,
    ) -> Answer<proto::RegisterResponse> {
        let answer = self.rpc.clone().register(self.request(message)).await?;
        Ok(answer.into_inner())
    }

    pub async fn verify(
        &self,
        message: proto::VerifyOtpRequest,
    ) -> Answer<proto::VerifyOtpResponse> {
        let answer = self.rpc.clone().verify_otp(self.request(message)).await?;
        Ok(answer.into_inner())
    }

    /// Gives an activation code back by the account's id.
    pub async fn activate(&self, account_id: &str, code: &str) -> Answer<proto::VerifyOtpResponse> {
        self.verify(proto::VerifyOtpRequest {
            realm: self.realm.clone(),
            subject: Some(proto::verify_otp_request::Subject::AccountId(
                account_id.to_owned(),
            )),
            code: code.to_owned(),
            ..proto::VerifyOtpRequest::default()
        })
        .await
    }

    pub async fn resend(
        &self,
        message: proto::ResendOtpRequest,
    ) -> Answer<proto::ResendOtpResponse> {
        let answer = self.rpc.clone().resend_otp(self.request(message)).await?;
        Ok(answer.into_inner())
    }

    pub async fn request_otp(
        &self,
        email: &str,
        purpose: proto::OtpPurpose,
    ) -> Answer<proto::RequestOtpResponse> {
        let message = proto::RequestOtpRequest {
            realm: self.realm.clone(),
            email: email.to_owned(),
            purpose: purpose.into(),
            ..proto::RequestOtpRequest::default()
        };
        let answer = self.rpc.clone().request_otp(self.request(message)).await?;
        Ok(answer.into_inner())
    }

    /// Logs in by user name.
    pub async fn login(&self, username: &str, password: &str) -> Answer<proto::LoginResponse> {
        use proto::login_request::Identifier;
        self.login_as(Identifier::Username(username.to_owned()), password)
            .await
    }

    pub async fn login_as(
        &self,
        identifier: proto::login_request::Identifier,
        password: &str,
    ) -> Answer<proto::LoginResponse> {
        let message = proto::LoginRequest {
            realm: self.realm.clone(),
            identifier: Some(identifier),
            password: password.to_owned(),
            ..proto::LoginRequest::default()
        };
        let answer = self.rpc.clone().login(self.request(message)).await?;
        Ok(answer.into_inner())
    }

    pub async fn refresh(&self, refresh_token: &str) -> Answer<proto::Tokens> {
        let message = proto::RefreshRequest {
            refresh_token: refresh_token.to_owned(),
            ..proto::RefreshRequest::default()
        };
        let answer = self.rpc.clone().refresh(self.request(message)).await?;
        Ok(answer.into_inner().tokens.unwrap())
    }

    pub async fn logout(&self) -> Answer<()> {
        let message = self.request(proto::LogoutRequest::default());
        self.rpc.clone().logout(message).await.map(drop)
    }

    pub async fn current(&self) -> Answer<proto::Account> {
        let message = self.request(proto::GetCurrentRequest::default());
        let answer = self.rpc.clone().get_current(message).await?;
        Ok(answer.into_inner().account.unwrap())
    }

    pub async fn update(&self, message: proto::UpdateRequest) -> Answer<proto::UpdateResponse> {
        let answer = self.rpc.clone().update(self.request(message)).await?;
        Ok(answer.into_inner())
    }

    pub async fn delete(&self, current_password: &str) -> Answer<()> {
        let message = self.request(proto::DeleteRequest {
            current_password: current_password.to_owned(),
            ..proto::DeleteRequest::default()
        });
        self.rpc.clone().delete(message).await.map(drop)
    }

    pub async fn reset_password(&self, email: &str, code: &str, password: &str) -> Answer<()> {
        let message = self.request(proto::ResetPasswordRequest {
            realm: self.realm.clone(),
            email: email.to_owned(),
            code: code.to_owned(),
            new_password: password.to_owned(),
            ..proto::ResetPasswordRequest::default()
        });
        self.rpc.clone().reset_password(message).await.map(drop)
    }

    pub async fn sessions(&self) -> Answer<Vec<proto::Session>> {
        let message = self.request(proto::ListSessionsRequest {
            page_size: 100,
            ..proto::ListSessionsRequest::default()
        });
        let answer = self.rpc.clone().list_sessions(message).await?;
        Ok(answer.into_inner().sessions)
    }

    /// Registers and activates. The account and, in realms that give them, its tokens.
    pub async fn join(&self, name: &str) -> proto::VerifyOtpResponse {
        let registered = self.register(self.registration(name)).await.unwrap();
        let code = self.code_for(&format!("{name}@example.com")).await;
        let id = registered.account.unwrap().id;
        self.activate(&id, &code).await.unwrap()
    }

    /// Registers, activates, and goes on with the access token.
    pub async fn joined(&self, name: &str) -> Self {
        let tokens = self.join(name).await.tokens.unwrap();
        self.with(&tokens.access_token)
    }

    /// The code in the newest mail to the address; waits for one that has not been seen when there is none.
    pub async fn code_for(&self, address: &str) -> String {
        self.codes_for(address, 1).await.pop().unwrap()
    }

    /// The codes in the mails to the address, oldest first, once there are `count`.
    pub async fn codes_for(&self, address: &str, count: usize) -> Vec<String> {
        for _ in 0..400 {
            let letters = self.letters_to(address);
            let codes: Vec<String> = letters.iter().filter_map(|text| code_in(text)).collect();
            if codes.len() >= count {
                return codes;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no {count} codes were mailed to {address}");
    }

    /// The texts of the mails to the address so far, oldest first, each once.
    pub fn letters_to(&self, address: &str) -> Vec<String> {
        self.mailbox.letters_to(address)
    }

    /// Waits until so many mails went to the address, and gives back their texts.
    pub async fn mails_to(&self, address: &str, count: usize) -> Vec<String> {
        for _ in 0..400 {
            let letters = self.letters_to(address);
            if letters.len() >= count {
                return letters;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no {count} mails went to {address}");
    }
}

/// The reason of a refusal.
///
/// # Panics
/// When the status has no `ErrorInfo` of ours: every refusal must have one.
pub fn reason(status: &Status) -> String {
    let info = status
        .get_details_error_info()
        .unwrap_or_else(|| panic!("a refusal without its reason: {status:?}"));
    assert_eq!(info.domain, "accountd");
    info.reason
}

/// Asserts a refusal by its reason, and its code by the contract.
#[track_caller]
pub fn assert_refused<T: std::fmt::Debug>(answer: Answer<T>, code: Code, expected: &str) {
    let status = answer.expect_err("refused");
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (code, expected),
        "{status:?}"
    );
}

/// Another six digits.
pub fn wrong(code: &str) -> String {
    let digits = code.len();
    let number: u64 = code.parse().unwrap();
    let modulus = 10_u64.pow(u32::try_from(digits).unwrap());
    format!("{:0digits$}", (number + 1) % modulus)
}
