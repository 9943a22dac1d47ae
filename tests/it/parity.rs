//! One life through every face: the contract and the dialects say the same of the same account.
//!
//! A step that a face has no endpoint for goes through the contract, with the token that the face gave.

use accountd::proto::{UpdateRequest, login_request::Identifier};
use tonic::Code;

use crate::support::{
    client::{Client, PASSWORD},
    codes::Who,
    rest::{Answer, Rest},
    service::{Node, on_both_engines, start},
};

const EMAIL: &str = "broo@example.com";
const NAME: &str = "broo ader";
const NEW_NAME: &str = "broo the second";

/// What a life is lived through.
#[derive(Clone, Copy, Debug)]
enum Face {
    Grpc,
    Contact,
    Profile,
}

/// An account's life through one face.
struct Life {
    face: Face,
    client: Client,
    rest: Option<Rest>,
}

impl Life {
    fn new(node: &Node, face: Face) -> Self {
        let (realm, rest) = match face {
            Face::Grpc => ("default", None),
            Face::Contact => ("contact", Some(node.rest("contact"))),
            Face::Profile => ("profile", Some(node.rest("profile"))),
        };
        Self {
            face,
            client: node.client_of(realm),
            rest,
        }
    }

    /// The dialect's front end.
    fn rest(&self) -> &Rest {
        self.rest.as_ref().expect("a dialect")
    }

    /// The dialect's front end with a token.
    fn rest_with(&self, token: &str) -> Rest {
        self.rest().with(&format!("Bearer {token}"))
    }

    /// Registers. The account's id, where the face tells it.
    async fn register(&self) -> Option<String> {
        match self.face {
            Face::Grpc => {
                let mut message = self.client.registration("broo");
                NAME.clone_into(&mut message.full_name);
                let answer = self.client.register(message).await.unwrap();
                Some(answer.account.unwrap().id)
            }
            Face::Contact => {
                let body = format!(
                    r#"{{"nama": "{NAME}", "email": "{EMAIL}", "telp": "08123123123", "password": "{PASSWORD}"}}"#
                );
                let answer = self.rest().send("POST /api/users/register", &body).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                None
            }
            Face::Profile => {
                let body = format!(
                    r#"{{"username": "broo", "full_name": "{NAME}", "email": "{EMAIL}", "password": "{PASSWORD}"}}"#
                );
                let answer = self.rest().send("POST /api/v1/users", &body).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                Some(answer.at("/data/id"))
            }
        }
    }

    /// Brings the newest code back. Whether it was taken.
    async fn activate(&self, id: Option<&str>, code: &str) -> bool {
        use accountd::proto::OtpPurpose::Activate;
        match self.face {
            Face::Grpc => {
                let who = Who::Email(EMAIL);
                self.client.bring(Activate, who, code).await.is_ok()
            }
            Face::Contact => {
                let line = format!("POST /api/users/token/{code}/{EMAIL}");
                self.rest().ask(&line).await.status == 200
            }
            Face::Profile => {
                let line = format!("POST /api/v1/users/{}/verify-otp", id.unwrap());
                let body = format!(r#"{{"otp_code": "{code}"}}"#);
                self.rest().send(&line, &body).await.status == 200
            }
        }
    }

    /// Logs in. The token, or none where the face refuses.
    async fn log_in(&self, password: &str) -> Option<String> {
        let body = format!(r#"{{"email": "{EMAIL}", "password": "{password}"}}"#);
        let answer = match self.face {
            Face::Grpc => {
                let who = Identifier::Email(EMAIL.to_owned());
                return match self.client.login_as(who, password).await {
                    Ok(answer) => Some(answer.tokens.unwrap().access_token),
                    Err(status) => {
                        assert_eq!(status.code(), Code::Unauthenticated);
                        None
                    }
                };
            }
            Face::Contact => self.rest().send("POST /api/users/login", &body).await,
            Face::Profile => self.rest().send("POST /api/v1/users/login", &body).await,
        };
        unless_refused(&answer).then(|| answer.at("/data/token"))
    }

    /// Reads the name, or none where the face refuses.
    async fn read(&self, token: &str) -> Option<String> {
        match self.face {
            Face::Grpc => self.read_by_contract(token).await,
            Face::Contact => {
                let answer = self.rest_with(token).ask("GET /api/users").await;
                unless_refused(&answer).then(|| answer.at("/nama"))
            }
            Face::Profile => {
                let rest = self.rest_with(token);
                let answer = rest.ask("POST /api/v1/users/current").await;
                unless_refused(&answer).then(|| answer.at("/data/full_name"))
            }
        }
    }

    /// The same by the contract, whatever the face.
    async fn read_by_contract(&self, token: &str) -> Option<String> {
        match self.client.with(token).current().await {
            Ok(account) => Some(account.full_name),
            Err(status) => {
                assert_eq!(status.code(), Code::Unauthenticated);
                None
            }
        }
    }

    /// Changes the name; `profile` has no endpoint for it.
    async fn rename(&self, token: &str) {
        match self.face {
            Face::Grpc | Face::Profile => {
                let message = UpdateRequest {
                    full_name: NEW_NAME.to_owned(),
                    ..UpdateRequest::default()
                };
                self.client.with(token).update(message).await.unwrap();
            }
            Face::Contact => {
                let body = format!(r#"{{"nama": "{NEW_NAME}", "oldpassword": "{PASSWORD}"}}"#);
                let rest = self.rest_with(token);
                let answer = rest.send("PUT /api/users", &body).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
            }
        }
    }

    /// Ends the session; `contact` has no endpoint for it.
    async fn log_out(&self, token: &str) {
        match self.face {
            Face::Grpc | Face::Contact => self.client.with(token).logout().await.unwrap(),
            Face::Profile => {
                let rest = self.rest_with(token);
                let answer = rest.ask("DELETE /api/v1/users/logout").await;
                assert_eq!(answer.status, 200, "{}", answer.text());
            }
        }
    }

    /// Removes the account; neither `contact` nor `profile` has an endpoint for it.
    async fn delete(&self, token: &str) {
        match self.face {
            Face::Grpc | Face::Contact | Face::Profile => {
                self.client.with(token).delete(PASSWORD).await.unwrap();
            }
        }
    }

    /// All of it, each step seen through the face and by the contract.
    async fn live(&self) {
        let face = self.face;
        let id = self.register().await;
        assert_eq!(self.log_in(PASSWORD).await, None, "{face:?}: not active");
        let code = self.client.code_for(EMAIL).await;
        assert!(self.activate(id.as_deref(), &code).await, "{face:?}");
        assert!(!self.activate(id.as_deref(), &code).await, "{face:?}: used");
        assert_eq!(self.log_in("another secret").await, None, "{face:?}");
        let token = self.log_in(PASSWORD).await.expect("a token");
        self.assert_reads(&token, Some(NAME)).await;
        self.rename(&token).await;
        self.assert_reads(&token, Some(NEW_NAME)).await;
        self.log_out(&token).await;
        self.assert_reads(&token, None).await;
        let token = self.log_in(PASSWORD).await.expect("another token");
        self.assert_reads(&token, Some(NEW_NAME)).await;
        self.delete(&token).await;
        self.assert_reads(&token, None).await;
        assert_eq!(self.log_in(PASSWORD).await, None, "{face:?}: deleted");
    }

    async fn assert_reads(&self, token: &str, name: Option<&str>) {
        let face = self.face;
        assert_eq!(self.read(token).await.as_deref(), name, "{face:?}");
        let told = self.read_by_contract(token).await;
        assert_eq!(told.as_deref(), name, "{face:?}, by the contract");
    }
}

/// Whether a dialect answered as hoped; if not, it must have refused who asks, and not have failed.
#[track_caller]
fn unless_refused(answer: &Answer) -> bool {
    let status = answer.status.as_u16();
    assert!(
        matches!(status, 200 | 401 | 410),
        "{status} {}",
        answer.text()
    );
    status == 200
}

on_both_engines! {
    async fn a_life_is_the_same_through_the_contract(engines) {
        Life::new(&start(engines).await, Face::Grpc).live().await;
    }

    async fn a_life_is_the_same_through_contact(engines) {
        Life::new(&start(engines).await, Face::Contact).live().await;
    }

    async fn a_life_is_the_same_through_profile(engines) {
        Life::new(&start(engines).await, Face::Profile).live().await;
    }
}
