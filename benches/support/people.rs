//! Clients, each with an account.

use std::{fs, path::Path, time::Duration};

use accountd::proto::{
    self, account_service_client::AccountServiceClient, login_request::Identifier,
    verify_otp_request::Subject,
};
use futures_util::{StreamExt as _, stream};
use tonic::{Request, metadata::MetadataValue, transport::Channel};

use super::server::Accountd;

pub(crate) const PASSWORD: &str = "a long day at sea";
/// Sign-ups at a time.
const AT_ONCE: usize = 4;
/// How often the directory of mails is looked at, and the wait before it is looked at again.
const LOOKS: u32 = 1500;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Somebody who can call a server.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) rpc: AccountServiceClient<Channel>,
    pub(crate) username: String,
    pub(crate) token: String,
}

impl Person {
    /// A message in this name.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        with_token(message, &self.token)
    }

    /// The same person on another connection, to whichever server.
    pub(crate) fn over(&self, channel: Channel) -> Self {
        Self {
            rpc: AccountServiceClient::new(channel),
            ..self.clone()
        }
    }
}

/// A message with that access token.
pub(crate) fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let line = MetadataValue::try_from(format!("Bearer {token}")).unwrap();
    request.metadata_mut().insert("authorization", line);
    request
}

/// The same people on other connections, shared by turns.
pub(crate) fn over(people: &[Person], channels: &[Channel]) -> Vec<Person> {
    let channels = channels.iter().cycle();
    people
        .iter()
        .zip(channels)
        .map(|(person, channel)| person.over(channel.clone()))
        .collect()
}

/// So many people, registered, activated and logged in, on one connection.
pub(crate) async fn sign_up(server: &Accountd, count: usize) -> Vec<Person> {
    let channel = server.process.endpoint().connect().await.unwrap();
    let mails = server.mails();
    stream::iter(0..count)
        .map(|number| join(channel.clone(), &mails, format!("sailor{number}")))
        .buffered(AT_ONCE)
        .collect()
        .await
}

/// What somebody of that name registers with.
pub(crate) fn registration(username: &str) -> proto::RegisterRequest {
    proto::RegisterRequest {
        username: username.to_owned(),
        email: format!("{username}@example.com"),
        password: PASSWORD.to_owned(),
        ..proto::RegisterRequest::default()
    }
}

/// What somebody of that name logs in with.
pub(crate) fn login(username: &str) -> proto::LoginRequest {
    proto::LoginRequest {
        identifier: Some(Identifier::Username(username.to_owned())),
        password: PASSWORD.to_owned(),
        ..proto::LoginRequest::default()
    }
}

async fn join(channel: Channel, mails: &Path, username: String) -> Person {
    let mut rpc = AccountServiceClient::new(channel);
    let registration = registration(&username);
    let email = registration.email.clone();
    let account = rpc.register(registration).await.unwrap().into_inner();
    let activation = proto::VerifyOtpRequest {
        subject: Some(Subject::AccountId(account.account.unwrap().id)),
        code: code_for(mails, &email).await,
        ..proto::VerifyOtpRequest::default()
    };
    rpc.verify_otp(activation).await.unwrap();
    let tokens = rpc.login(login(&username)).await.unwrap().into_inner();
    Person {
        rpc,
        username,
        token: tokens.tokens.unwrap().access_token,
    }
}

/// The code in the mail to that address, once it is there.
async fn code_for(mails: &Path, email: &str) -> String {
    for _ in 0..LOOKS {
        for entry in fs::read_dir(mails).into_iter().flatten() {
            let mail = fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
            let mut lines = mail.lines().map(str::trim);
            let is_code = |line: &&str| {
                (6..=10).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit())
            };
            if mail.contains(&format!("To: {email}"))
                && let Some(code) = lines.find(is_code)
            {
                return code.to_owned();
            }
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    panic!("no mail with a code for {email}");
}
