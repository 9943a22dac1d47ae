//! Logging in and out.

use accountd::proto::login_request::Identifier;
use tonic::Code;

use super::{EMAIL, Face, Life};

impl Life<'_> {
    /// Logs in. The token, or none where the face refuses.
    pub(super) async fn log_in(&self, password: &str) -> Option<String> {
        let by_email = format!(r#"{{"email": "{EMAIL}", "password": "{password}"}}"#);
        let by_username = format!(r#"{{"username": "broo", "password": "{password}"}}"#);
        let (line, body, place) = match self.face {
            Face::Grpc => return self.log_in_by_contract(password).await,
            Face::School => ("POST /auth/login", by_username, "/accessToken"),
            Face::Customer => ("POST /customer/signin", by_username, "/token"),
            Face::Contact => ("POST /api/users/login", by_email, "/data/token"),
            Face::Profile => ("POST /api/v1/users/login", by_email, "/data/token"),
            Face::TwoStep => ("POST /api/users/login", by_email, "/data/userId"),
        };
        let answer = self.rest().send(line, &body).await;
        if !self.unless_refused(&answer) {
            return None;
        }
        let told = answer.at(place);
        Some(match self.face {
            Face::TwoStep => self.second_step(&told).await,
            _ => told,
        })
    }

    async fn log_in_by_contract(&self, password: &str) -> Option<String> {
        let who = Identifier::Email(EMAIL.to_owned());
        match self.client.login_as(who, password).await {
            Ok(answer) => Some(answer.tokens.unwrap().access_token),
            Err(status) => {
                assert_eq!(status.code(), Code::Unauthenticated);
                None
            }
        }
    }

    /// Brings back the code that the password of `two_step` has sent. The token.
    async fn second_step(&self, id: &str) -> String {
        assert_eq!(id, self.id());
        let code = self.next_code().await;
        let line = "POST /api/users/login/verify-verification-code";
        let body = format!(r#"{{"userId": "{id}", "username": "broo", "code": "{code}"}}"#);
        let answer = self.rest().send(line, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let again = self.rest().send(line, &body).await;
        assert_eq!(again.status, 400, "used: {}", again.text());
        answer.at("/data/token")
    }

    /// Ends the session; `contact` has no endpoint for it.
    pub(super) async fn log_out(&self, token: &str) {
        let line = match self.face {
            Face::Grpc | Face::Contact => {
                self.client.with(token).logout().await.unwrap();
                return;
            }
            Face::School => "DELETE /auth/logout",
            Face::Customer => "POST /customer/logout",
            Face::Profile => "DELETE /api/v1/users/logout",
            Face::TwoStep => "POST /api/users/logout",
        };
        let answer = self.rest_with(token).ask(line).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
