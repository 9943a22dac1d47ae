//! Codes brought back, and asked for again.

use accountd::proto::{self, OtpPurpose};
use tonic::Status;
use tonic_types::StatusExt as _;

use super::client::Client;

/// How a caller names the account of a code.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    Id(&'a str),
    Username(&'a str),
    Email(&'a str),
}

impl Client {
    /// Brings a code back.
    pub async fn bring(
        &self,
        purpose: OtpPurpose,
        who: Who<'_>,
        code: &str,
    ) -> Result<proto::VerifyOtpResponse, Status> {
        use proto::verify_otp_request::Subject;
        let subject = match who {
            Who::Id(id) => Subject::AccountId(id.to_owned()),
            Who::Username(name) => Subject::Username(name.to_owned()),
            Who::Email(email) => Subject::Email(email.to_owned()),
        };
        self.verify(proto::VerifyOtpRequest {
            realm: self.realm.clone(),
            subject: Some(subject),
            purpose: purpose.into(),
            code: code.to_owned(),
            ..proto::VerifyOtpRequest::default()
        })
        .await
    }

    /// Asks for another code.
    pub async fn ask_again(
        &self,
        purpose: OtpPurpose,
        who: Who<'_>,
    ) -> Result<proto::Challenge, Status> {
        use proto::resend_otp_request::Subject;
        let subject = match who {
            Who::Id(id) => Subject::AccountId(id.to_owned()),
            Who::Username(name) => Subject::Username(name.to_owned()),
            Who::Email(email) => Subject::Email(email.to_owned()),
        };
        let message = proto::ResendOtpRequest {
            realm: self.realm.clone(),
            subject: Some(subject),
            purpose: purpose.into(),
            ..proto::ResendOtpRequest::default()
        };
        Ok(self.resend(message).await?.challenge.unwrap())
    }

    /// Asks to change the address, with the password of the tests.
    pub async fn change_email(&self, email: &str) -> Result<proto::UpdateResponse, Status> {
        self.update(proto::UpdateRequest {
            email: email.to_owned(),
            current_password: super::client::PASSWORD.to_owned(),
            ..proto::UpdateRequest::default()
        })
        .await
    }

    /// Registers and stays pending. The account's id and its code.
    pub async fn pending(&self, name: &str) -> (String, String) {
        let registered = self.register(self.registration(name)).await.unwrap();
        let code = self.code_for(&format!("{name}@example.com")).await;
        (registered.account.unwrap().id, code)
    }

    /// The last of `count` codes mailed to the address.
    pub async fn code_number(&self, address: &str, count: usize) -> String {
        self.codes_for(address, count).await.swap_remove(count - 1)
    }
}

/// How many guesses a refusal says are left.
pub fn attempts_left(status: &Status) -> Option<u32> {
    told(status, "attempts_left").map(|left| left.parse().unwrap())
}

/// A word of the refusal's metadata.
pub fn told(status: &Status, key: &str) -> Option<String> {
    let info = status.get_details_error_info().unwrap();
    info.metadata.get(key).cloned()
}
