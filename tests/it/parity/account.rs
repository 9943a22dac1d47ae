//! The account of a token: read, changed, removed.

use accountd::proto::UpdateRequest;
use tonic::Code;

use super::{Face, Life, NEW_NAME, NEW_PHONE, PASSWORD};

impl Life<'_> {
    /// Reads the account, or none where the face refuses.
    pub(super) async fn read(&self, token: &str) -> Option<String> {
        let (line, place) = match self.face {
            Face::Grpc => return self.read_by_contract(token).await,
            Face::School => ("GET /auth/details", "/user/name"),
            Face::Customer => ("POST /customer/update", "/phoneNum"),
            Face::Contact => ("GET /api/users", "/nama"),
            Face::Profile => ("POST /api/v1/users/current", "/data/full_name"),
            Face::TwoStep => ("GET /api/users/current", "/name"),
        };
        let answer = self.rest_with(token).ask(line).await;
        self.unless_refused(&answer).then(|| answer.at(place))
    }

    /// The same by the contract, whatever the face.
    pub(super) async fn read_by_contract(&self, token: &str) -> Option<String> {
        match (self.client.with(token).current().await, self.face) {
            (Ok(account), Face::Customer) => Some(account.phone),
            (Ok(account), _) => Some(account.full_name),
            (Err(status), _) => {
                assert_eq!(status.code(), Code::Unauthenticated);
                None
            }
        }
    }

    /// The same by the cookie of `school`, which gives the next token.
    pub(super) async fn read_by_cookie(&self) -> Option<String> {
        let answer = self.rest().ask("GET /auth/refresh").await;
        if answer.status == 403 {
            return None;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.read(&answer.at("/accessToken")).await
    }

    /// Changes the name, or the number where there is no name; `profile` has no endpoint for it.
    pub(super) async fn change(&self, token: &str) {
        let (line, body) = match self.face {
            Face::Grpc | Face::Profile => {
                let message = UpdateRequest {
                    full_name: NEW_NAME.to_owned(),
                    ..UpdateRequest::default()
                };
                self.client.with(token).update(message).await.unwrap();
                return;
            }
            Face::School => ("PATCH /auth/update", format!(r#"{{"name": "{NEW_NAME}"}}"#)),
            Face::Customer => (
                "POST /customer/update",
                format!(r#"{{"phoneNum": "{NEW_PHONE}", "oldPassword": "{PASSWORD}"}}"#),
            ),
            Face::Contact => (
                "PUT /api/users",
                format!(r#"{{"nama": "{NEW_NAME}", "oldpassword": "{PASSWORD}"}}"#),
            ),
            Face::TwoStep => (
                "PATCH /api/users/current",
                format!(r#"{{"nama": "{NEW_NAME}"}}"#),
            ),
        };
        let answer = self.rest_with(token).send(line, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Removes the account; only `two_step` has an endpoint for it.
    pub(super) async fn delete(&self, token: &str) {
        match self.face {
            Face::Grpc | Face::School | Face::Customer | Face::Contact | Face::Profile => {
                self.client.with(token).delete(PASSWORD).await.unwrap();
            }
            Face::TwoStep => {
                let line = format!("DELETE /api/users/{}", self.id());
                let body = format!(r#"{{"username": "broo", "pasword": "{PASSWORD}"}}"#);
                let answer = self.rest_with(token).send(&line, &body).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
            }
        }
    }
}
