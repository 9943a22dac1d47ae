//! A change of password, email or phone wants the owner at the keyboard.

use std::time::Duration;

use accountd::{
    config::{Realm, Reauthentication},
    proto::{self, OtpPurpose, UpdateRequest, login_request, verify_otp_request},
};
use tonic::{Code, Status};

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    service::{Ground, Node, on_both_engines, start},
};

const NEW_PASSWORD: &str = "a short night ashore";

/// A registration that the realm's document would make.
fn registration(realm: &str) -> proto::RegisterRequest {
    let mut message = proto::RegisterRequest {
        realm: realm.to_owned(),
        username: String::from("ada"),
        email: format!("ada@{}.example", realm.replace('_', "-")),
        full_name: String::from("Ada Lovelace"),
        password: PASSWORD.to_owned(),
        ..proto::RegisterRequest::default()
    };
    match realm {
        "customer" => message.full_name.clear(),
        "contact" => {
            message.username.clear();
            message.phone = String::from("+628123456789");
        }
        "school" => {
            let number = |value| prost_types::Value::from(f64::from(value));
            let text = |value: &str| prost_types::Value::from(value.to_owned());
            message.email.clear();
            message.external_id = String::from("212210001");
            let fields = [
                ("absentnum", number(1)),
                ("angkatan", number(12)),
                ("jurusan", text("TKJ")),
            ];
            let fields = fields.map(|(name, value)| (name.to_owned(), value));
            message.attributes = Some(prost_types::Struct {
                fields: fields.into(),
            });
        }
        _ => {}
    }
    message
}

/// A person with a token in the realm, whichever way that realm gives tokens.
async fn person_in(node: &Node, realm: &str) -> Client {
    let client = node.client_of(realm);
    let message = registration(realm);
    let account = client
        .register(message.clone())
        .await
        .unwrap()
        .account
        .unwrap();
    if !message.email.is_empty() {
        let code = client.code_for(&message.email).await;
        client.activate(&account.id, &code).await.unwrap();
    }
    let by_email = client.login_as(
        login_request::Identifier::Email(message.email.clone()),
        PASSWORD,
    );
    let login = match realm {
        "customer" | "school" | "default" | "recent" => client.login("ada", PASSWORD).await,
        _ => by_email.await,
    };
    let tokens = match login.unwrap().tokens {
        Some(tokens) => tokens,
        None => second_step(&client, &account.id, &message.email).await,
    };
    client.with(&tokens.access_token)
}

async fn second_step(client: &Client, id: &str, email: &str) -> proto::Tokens {
    let message = proto::VerifyOtpRequest {
        realm: client.realm.clone(),
        subject: Some(verify_otp_request::Subject::AccountId(id.to_owned())),
        purpose: OtpPurpose::Login.into(),
        code: client.codes_for(email, 2).await.pop().unwrap(),
        ..proto::VerifyOtpRequest::default()
    };
    client.verify(message).await.unwrap().tokens.unwrap()
}

async fn new_password(client: &Client, current: &str) -> Result<proto::UpdateResponse, Status> {
    client
        .update(UpdateRequest {
            password: NEW_PASSWORD.to_owned(),
            current_password: current.to_owned(),
            ..UpdateRequest::default()
        })
        .await
}

/// The default realm beside one that asks for a recent login instead of the password.
async fn with_recent_login(engines: crate::support::service::Engines) -> Node {
    let ground = Ground::with(engines, |settings| {
        let recent = Realm {
            name: String::from("recent"),
            reauthentication: Reauthentication::RecentLogin,
            ..Realm::default()
        };
        settings.realms.insert(recent.name.clone(), recent);
    });
    ground.await.node().await
}

/// The changes that want the owner at the keyboard, and one that does not.
fn sensitive() -> [UpdateRequest; 3] {
    let none = UpdateRequest::default();
    [
        UpdateRequest {
            email: String::from("new@example.com"),
            ..none.clone()
        },
        UpdateRequest {
            phone: String::from("+628123456780"),
            ..none.clone()
        },
        UpdateRequest {
            password: NEW_PASSWORD.to_owned(),
            ..none
        },
    ]
}

on_both_engines! {
    async fn az_06_an_hour_after_the_login_the_owner_must_prove_it_again(engines) {
        let node = with_recent_login(engines).await;
        let mut people = Vec::new();
        for realm in ["default", "recent"] {
            let client = node.client_of(realm);
            person_in(&node, realm).await;
            let tokens = client.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
            people.push((client, tokens.refresh_token));
        }
        node.advance(Duration::from_hours(1));
        for ((client, refresh_token), (code, reason)) in people.iter().zip([
            (Code::InvalidArgument, "CURRENT_PASSWORD_INCORRECT"),
            (Code::FailedPrecondition, "REAUTHENTICATION_REQUIRED"),
        ]) {
            // A token from a minute ago does not make the login younger.
            let tokens = client.refresh(refresh_token).await.unwrap();
            let ada = client.with(&tokens.access_token);
            for change in sensitive() {
                assert_refused(ada.update(change).await, code, reason);
            }
            assert_eq!(ada.current().await.unwrap().pending_email, "");
            let name = UpdateRequest { full_name: String::from("Ada"), ..UpdateRequest::default() };
            ada.update(name).await.unwrap();
            new_password(&ada, PASSWORD).await.unwrap();
        }
    }

    async fn az_06_a_recent_login_is_proof_where_the_realm_says_so(engines) {
        let node = with_recent_login(engines).await;
        let ada = person_in(&node, "recent").await;
        node.advance(Duration::from_mins(9));
        new_password(&ada, "").await.unwrap();
    }

    async fn az_07_no_realm_takes_a_new_password_on_a_wrong_old_one(engines) {
        let node = start(engines).await;
        for realm in ["default", "customer", "school", "contact", "profile", "two_step"] {
            let ada = person_in(&node, realm).await;
            let wrong = new_password(&ada, "not the password").await;
            assert_refused(wrong, Code::InvalidArgument, "CURRENT_PASSWORD_INCORRECT");
            let served = node.app.served(realm).unwrap();
            if served.rules.reauthentication == Reauthentication::RecentLogin {
                // Its document has no place for the old password: a login of long ago is none.
                assert_eq!(realm, "two_step");
            } else {
                let missing = new_password(&ada, "").await;
                assert_refused(missing, Code::InvalidArgument, "CURRENT_PASSWORD_INCORRECT");
            }
            new_password(&ada, PASSWORD).await.unwrap();
        }
    }
}
