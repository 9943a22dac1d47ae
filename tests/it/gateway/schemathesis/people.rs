//! People in the realms of the dialects.

use accountd::proto::{
    LoginRequest, OtpPurpose, RegisterRequest, VerifyOtpRequest,
    account_service_client::AccountServiceClient, login_request::Identifier,
    verify_otp_request::Subject,
};
use prost_types::{Struct, Value};
use tonic::transport::Channel;

use crate::support::{client::PASSWORD, served::Served};

/// People of one realm, each of whom is registered when somebody asks for a token.
pub(super) struct People<'a> {
    served: &'a Served,
    realm: String,
    count: u32,
}

impl<'a> People<'a> {
    pub(super) fn of(served: &'a Served, realm: &str) -> Self {
        Self {
            served,
            realm: realm.to_owned(),
            count: 0,
        }
    }

    /// The access token of somebody new, who has just logged in.
    pub(super) async fn token(&mut self) -> String {
        self.count += 1;
        let mut rpc = self.served.client().await;
        let message = registration(&self.realm, self.count);
        let RegisterRequest {
            username, email, ..
        } = message.clone();
        let account = rpc.register(message).await.unwrap().into_inner().account;
        let id = account.unwrap().id;
        if !email.is_empty() {
            self.verify(&mut rpc, &id, &email, OtpPurpose::Activate)
                .await;
        }
        let identifier = match self.realm.as_str() {
            "customer" | "school" => Identifier::Username(username),
            _ => Identifier::Email(email.clone()),
        };
        let message = LoginRequest {
            realm: self.realm.clone(),
            identifier: Some(identifier),
            password: PASSWORD.to_owned(),
            ..LoginRequest::default()
        };
        match rpc.login(message).await.unwrap().into_inner().tokens {
            Some(tokens) => tokens.access_token,
            None => self.verify(&mut rpc, &id, &email, OtpPurpose::Login).await,
        }
    }

    /// Gives a code back; the access token, where there is one.
    async fn verify(
        &self,
        rpc: &mut AccountServiceClient<Channel>,
        id: &str,
        email: &str,
        purpose: OtpPurpose,
    ) -> String {
        let count = if purpose == OtpPurpose::Login { 2 } else { 1 };
        let message = VerifyOtpRequest {
            realm: self.realm.clone(),
            subject: Some(Subject::AccountId(id.to_owned())),
            purpose: purpose.into(),
            code: self.served.code_for(email, count).await,
            ..VerifyOtpRequest::default()
        };
        let answer = rpc.verify_otp(message).await.unwrap().into_inner();
        answer
            .tokens
            .map(|tokens| tokens.access_token)
            .unwrap_or_default()
    }
}

/// A registration that the realm takes.
fn registration(realm: &str, number: u32) -> RegisterRequest {
    let name = format!("person{number}");
    let mut message = RegisterRequest {
        realm: realm.to_owned(),
        email: format!("{name}@example.com"),
        username: name,
        full_name: String::from("Ada Lovelace"),
        password: PASSWORD.to_owned(),
        ..RegisterRequest::default()
    };
    match realm {
        "customer" => message.full_name.clear(),
        "contact" => {
            message.username.clear();
            message.phone = format!("+62812{number:08}");
        }
        // With an address, a pupil would need a code before the registration.
        "school" => {
            message.email.clear();
            message.external_id = number.to_string();
            message.attributes = Some(class());
        }
        _ => {}
    }
    message
}

fn class() -> Struct {
    let fields = [
        ("absentnum", Value::from(1.0)),
        ("angkatan", Value::from(12.0)),
        ("jurusan", Value::from(String::from("TKJ"))),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    Struct {
        fields: fields.into(),
    }
}
