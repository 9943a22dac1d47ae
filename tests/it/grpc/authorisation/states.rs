//! AZ-08: every RPC on an account that is not active.

use accountd::{
    proto::{self, OtpPurpose},
    store::account::State,
};
use tonic::Status;

use super::{resend, revoke};
use crate::support::{
    client::{Client, PASSWORD, reason, wrong},
    operator::set_state,
    service::{Node, on_both_engines, start},
};

/// What each RPC answers for an account that is pending, suspended and deleted.
const MATRIX: [(&str, [&str; 3]); 13] = [
    ("Register", ["OK", "OK", "OK"]),
    ("RequestOtp", ["OK", "OK", "OK"]),
    ("ResendOtp", ["OK", "OK", "OK"]),
    ("VerifyOtp", ["OK", "CODE_INCORRECT", "CODE_INCORRECT"]),
    (
        "ResetPassword",
        ["CODE_INCORRECT", "CODE_INCORRECT", "CODE_INCORRECT"],
    ),
    (
        "Login",
        [
            "INVALID_CREDENTIALS",
            "ACCOUNT_SUSPENDED",
            "INVALID_CREDENTIALS",
        ],
    ),
    (
        "Refresh",
        [
            "REFRESH_TOKEN_INVALID",
            "ACCOUNT_SUSPENDED",
            "REFRESH_TOKEN_INVALID",
        ],
    ),
    (
        "Logout",
        ["TOKEN_REVOKED", "ACCOUNT_SUSPENDED", "ACCOUNT_DELETED"],
    ),
    (
        "GetCurrent",
        ["TOKEN_REVOKED", "ACCOUNT_SUSPENDED", "ACCOUNT_DELETED"],
    ),
    (
        "Update",
        ["TOKEN_REVOKED", "ACCOUNT_SUSPENDED", "ACCOUNT_DELETED"],
    ),
    (
        "Delete",
        ["TOKEN_REVOKED", "ACCOUNT_SUSPENDED", "ACCOUNT_DELETED"],
    ),
    (
        "ListSessions",
        ["TOKEN_REVOKED", "ACCOUNT_SUSPENDED", "ACCOUNT_DELETED"],
    ),
    (
        "RevokeSession",
        ["TOKEN_REVOKED", "ACCOUNT_SUSPENDED", "ACCOUNT_DELETED"],
    ),
];

struct Person {
    client: Client,
    name: String,
    email: String,
    id: String,
    tokens: proto::Tokens,
    reset_code: String,
}

/// An active account with a session, and a code for a new password in its mailbox.
async fn person(node: &Node, name: &str) -> Person {
    let joined = node.client().join(name).await;
    let tokens = joined.tokens.unwrap();
    let client = node.client().with(&tokens.access_token);
    let email = format!("{name}@example.com");
    client
        .request_otp(&email, OtpPurpose::ResetPassword)
        .await
        .unwrap();
    let reset_code = client.codes_for(&email, 2).await.pop().unwrap();
    let (name, id) = (name.to_owned(), joined.account.unwrap().id);
    Person {
        client,
        name,
        email,
        id,
        tokens,
        reset_code,
    }
}

impl Person {
    async fn call(&self, method: &str) -> Result<(), Status> {
        let client = &self.client;
        match method {
            "Register" => {
                let mut message = client.registration(&self.name);
                message.username = format!("{}-again", self.name);
                client.register(message).await.map(drop)
            }
            "RequestOtp" => client
                .request_otp(&self.email, OtpPurpose::ResetPassword)
                .await
                .map(drop),
            "ResendOtp" => resend(client, &self.id).await.map(drop),
            "VerifyOtp" => client
                .activate(&self.id, &self.newest_code().await)
                .await
                .map(drop),
            "ResetPassword" => {
                client
                    .reset_password(&self.email, &self.reset_code, "a short night ashore")
                    .await
            }
            "Login" => client.login(&self.name, PASSWORD).await.map(drop),
            "Refresh" => client.refresh(&self.tokens.refresh_token).await.map(drop),
            "Logout" => client.logout().await,
            "GetCurrent" => client.current().await.map(drop),
            "Update" => {
                let message = proto::UpdateRequest {
                    full_name: String::from("Ada"),
                    ..proto::UpdateRequest::default()
                };
                client.update(message).await.map(drop)
            }
            "Delete" => client.delete(PASSWORD).await,
            "ListSessions" => client.sessions().await.map(drop),
            "RevokeSession" => revoke(client, &self.tokens.session_id).await,
            other => panic!("{other} is no method"),
        }
    }

    /// Asks for another activation code and takes whatever the mailbox has got by then.
    async fn newest_code(&self) -> String {
        let before = self.client.codes_for(&self.email, 2).await;
        resend(&self.client, &self.id).await.unwrap();
        // Mails go out in the order of their commits, so this one comes behind any other.
        let other = format!("{}@witness.example", self.name);
        self.client
            .request_otp(&other, OtpPurpose::ProveAddress)
            .await
            .unwrap();
        self.client.code_for(&other).await;
        let after = self.client.codes_for(&self.email, 2).await;
        if after.len() == before.len() {
            wrong(&after[0])
        } else {
            after.last().unwrap().clone()
        }
    }
}

on_both_engines! {
    async fn az_08_an_account_that_is_not_active_can_do_nothing_but_be_activated(engines) {
        let node = start(engines).await;
        for (method, expected) in MATRIX {
            for (state, expected) in ["pending", "suspended", "deleted"].into_iter().zip(expected) {
                let person = person(&node, &format!("{}-{state}", method.to_lowercase())).await;
                match state {
                    "pending" => set_state(&node, &person.id, State::Pending).await,
                    "suspended" => set_state(&node, &person.id, State::Suspended).await,
                    _ => person.client.delete(PASSWORD).await.unwrap(),
                }
                // Past every wait for another code, and within the life of every token.
                node.advance(std::time::Duration::from_secs(61));
                let told = match person.call(method).await {
                    Ok(()) => String::from("OK"),
                    Err(refused) => reason(&refused),
                };
                assert_eq!(told, expected, "{method} of an account that is {state}");
            }
        }
    }

    async fn az_08_a_suspended_account_gets_no_code(engines) {
        let node = start(engines).await;
        let ada = person(&node, "ada").await;
        let change = proto::UpdateRequest {
            email: String::from("new@example.com"),
            current_password: PASSWORD.to_owned(),
            ..proto::UpdateRequest::default()
        };
        ada.client.update(change).await.unwrap();
        let code = ada.client.code_for("new@example.com").await;
        set_state(&node, &ada.id, State::Suspended).await;
        node.advance(std::time::Duration::from_secs(61));

        let verify = proto::VerifyOtpRequest {
            subject: Some(proto::verify_otp_request::Subject::AccountId(ada.id.clone())),
            purpose: OtpPurpose::ChangeEmail.into(),
            code,
            ..proto::VerifyOtpRequest::default()
        };
        let refused = ada.client.verify(verify).await.unwrap_err();
        assert_eq!(reason(&refused), "CODE_INCORRECT");
        let message = proto::ResendOtpRequest {
            subject: Some(proto::resend_otp_request::Subject::AccountId(ada.id.clone())),
            purpose: OtpPurpose::ChangeEmail.into(),
            ..proto::ResendOtpRequest::default()
        };
        ada.client.resend(message).await.unwrap();
        ada.client.request_otp(&ada.email, OtpPurpose::ResetPassword).await.unwrap();
        let before = ada.client.letters_to(&ada.email).len();
        ada.client.request_otp("witness@example.com", OtpPurpose::ProveAddress).await.unwrap();
        ada.client.code_for("witness@example.com").await;
        assert_eq!(ada.client.letters_to("new@example.com").len(), 1);
        assert_eq!(ada.client.letters_to(&ada.email).len(), before);
    }
}
