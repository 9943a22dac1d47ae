//! From nobody to an account that is active.

use accountd::proto::OtpPurpose::Activate;

use super::{EMAIL, Face, Life, NAME, PASSWORD, PHONE};
use crate::support::codes::Who;

impl Life<'_> {
    /// Registers, so that a code is on its way. `school` only asks for the code: its registration brings it along.
    pub(super) async fn register(&self) {
        let (line, body) = match self.face {
            Face::Grpc => {
                let mut message = self.client.registration("broo");
                NAME.clone_into(&mut message.full_name);
                self.client.register(message).await.unwrap();
                return;
            }
            Face::School => ("POST /auth/otp", format!(r#"{{"email": "{EMAIL}"}}"#)),
            Face::Customer => (
                "POST /customer/signup",
                format!(
                    r#"{{"username": "broo", "password": "{PASSWORD}", "email": "{EMAIL}", "phoneNum": "{PHONE}"}}"#
                ),
            ),
            Face::Contact => (
                "POST /api/users/register",
                format!(
                    r#"{{"nama": "{NAME}", "email": "{EMAIL}", "telp": "08123123123", "password": "{PASSWORD}"}}"#
                ),
            ),
            Face::Profile => (
                "POST /api/v1/users",
                format!(
                    r#"{{"username": "broo", "full_name": "{NAME}", "email": "{EMAIL}", "password": "{PASSWORD}"}}"#
                ),
            ),
            Face::TwoStep => (
                "POST /api/users",
                format!(
                    r#"{{"username": "broo", "password": "{PASSWORD}", "passwordConfirmation": "{PASSWORD}", "email": "{EMAIL}", "name": "{NAME}"}}"#
                ),
            ),
        };
        let answer = self.rest().send(line, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told = match self.face {
            Face::Profile => answer.at("/data/id"),
            Face::TwoStep => answer.at("/data/userId"),
            Face::Grpc | Face::School | Face::Customer | Face::Contact => return,
        };
        self.id.set(told).expect("one registration");
    }

    /// Brings a code back. Whether it was taken.
    pub(super) async fn activate(&self, code: &str) -> bool {
        let (line, body) = match self.face {
            Face::Grpc => {
                let who = Who::Email(EMAIL);
                return self.client.bring(Activate, who, code).await.is_ok();
            }
            Face::School => (
                String::from("POST /auth/register"),
                format!(
                    r#"{{"username": "broo", "password": "{PASSWORD}", "name": "{NAME}", "email": "{EMAIL}", "otp": "{code}", "absentnum": "36", "angkatan": "12", "jurusan": "KUL", "kelas": "2"}}"#
                ),
            ),
            Face::Customer => (
                String::from("POST /customer/activate"),
                format!(r#"{{"username": "broo", "otp": "{code}"}}"#),
            ),
            Face::Contact => (
                format!("POST /api/users/token/{code}/{EMAIL}"),
                String::new(),
            ),
            Face::Profile => (
                format!("POST /api/v1/users/{}/verify-otp", self.id()),
                format!(r#"{{"otp_code": "{code}"}}"#),
            ),
            Face::TwoStep => (
                String::from("POST /api/users/register/verify-verification-code"),
                format!(r#"{{"userId": "{}", "code": "{code}"}}"#, self.id()),
            ),
        };
        let answer = self.rest().send(&line, &body).await;
        let status = answer.status;
        let is_told = status.is_success() || status.is_client_error();
        assert!(is_told, "{status} {}", answer.text());
        status.is_success()
    }
}
