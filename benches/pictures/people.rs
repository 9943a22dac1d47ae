//! Clients, each with an account and a connection of its own where the server has accounts.

use std::{fs, time::Duration};

use accountd::proto::{
    self, account_service_client::AccountServiceClient, login_request::Identifier,
    verify_otp_request::Subject,
};
use tonic::{
    Request,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};

use crate::process::Process;

const PASSWORD: &str = "a long day at sea";

/// Somebody who can call the server.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) rpc: AccountServiceClient<Channel>,
    token: String,
}

impl Person {
    /// A message in this name.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let line = format!("Bearer {}", self.token);
        let line = MetadataValue::try_from(line).unwrap();
        request.metadata_mut().insert("authorization", line);
        request
    }

    /// The same person on another connection.
    pub(crate) fn over(&self, channel: Channel) -> Self {
        Self {
            rpc: AccountServiceClient::new(channel),
            token: self.token.clone(),
        }
    }
}

/// How a server is reached.
pub(crate) fn endpoint(server: &Process) -> Endpoint {
    Endpoint::from_shared(format!("http://{}", server.address)).unwrap()
}

/// Somebody without an account, for a server that has none.
pub(crate) async fn stranger(server: &Process) -> Person {
    let channel = endpoint(server).connect().await.unwrap();
    Person {
        rpc: AccountServiceClient::new(channel),
        token: String::from("none"),
    }
}

/// So many people, registered, activated and logged in, who share one connection.
pub(crate) async fn sign_up(server: &Process, count: usize) -> Vec<Person> {
    let channel = endpoint(server).connect().await.unwrap();
    let mut people = Vec::new();
    for number in 0..count {
        let mut rpc = AccountServiceClient::new(channel.clone());
        let name = format!("sailor{number}");
        let email = format!("{name}@example.com");
        let registration = proto::RegisterRequest {
            username: name.clone(),
            email: email.clone(),
            password: PASSWORD.to_owned(),
            ..proto::RegisterRequest::default()
        };
        let account = rpc.register(registration).await.unwrap().into_inner();
        let activation = proto::VerifyOtpRequest {
            subject: Some(Subject::AccountId(account.account.unwrap().id)),
            code: code_for(server, &email).await,
            ..proto::VerifyOtpRequest::default()
        };
        rpc.verify_otp(activation).await.unwrap();
        let login = proto::LoginRequest {
            identifier: Some(Identifier::Username(name)),
            password: PASSWORD.to_owned(),
            ..proto::LoginRequest::default()
        };
        let tokens = rpc.login(login).await.unwrap().into_inner();
        let token = tokens.tokens.unwrap().access_token;
        people.push(Person { rpc, token });
    }
    people
}

/// The code in the mail to that address, once it is there.
async fn code_for(server: &Process, email: &str) -> String {
    for _ in 0..1000 {
        for entry in fs::read_dir(server.mails()).into_iter().flatten() {
            let mail = fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
            let mut lines = mail.lines().map(str::trim);
            let is_code = |line: &&str| {
                (6..=10).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit())
            };
            if mail.contains(email)
                && let Some(code) = lines.find(is_code)
            {
                return code.to_owned();
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no mail with a code for {email}");
}
