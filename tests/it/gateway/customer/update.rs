//! `POST /customer/update`, which the document leaves open.

use super::{INACTIVE, SIGNIN, joined, told};
use crate::support::service::{Engines, on_both_engines, start};

const AS_IT_IS: &str =
    r#"200 {"username":"peter","email":"peter@example.com","phoneNum":"51234567"}"#;

on_both_engines! {
    async fn without_a_change_the_account_is_told(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        assert_eq!(peter.ask("POST /customer/update").await.told(), AS_IT_IS);
        assert_eq!(peter.send("POST /customer/update", "{}").await.told(), AS_IT_IS);
    }

    async fn the_username_and_the_phone_number_change(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        let body = r#"{"username": "pan", "phoneNum": "", "oldPassword": "a long day at sea"}"#;
        let answer = peter.send("POST /customer/update", body).await;
        assert_eq!(answer.told(), r#"200 {"username":"pan","email":"peter@example.com","phoneNum":""}"#);
        let answer = peter.send("POST /customer/signin", &SIGNIN.replace("peter", "pan")).await;
        assert_eq!(answer.told(), r#"200 {"token":"TOKEN"}"#);
        let answer = peter.send("POST /customer/signin", SIGNIN).await;
        assert_eq!(answer.at("/name"), "UserNotFound");
    }

    async fn a_new_password_wants_the_old_one_and_ends_the_other_logins(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        let other = peter.send("POST /customer/signin", SIGNIN).await.at("/token");
        let other = peter.with(&format!("Bearer {other}"));
        let text = "oldPassword is missing or is not right.";
        for body in [
            r#"{"newPassword": "another day at sea"}"#,
            r#"{"password": "another day at sea", "oldPassword": "a long night"}"#,
        ] {
            let answer = peter.send("POST /customer/update", body).await;
            assert_eq!(answer.told(), told(400, "InvalidPassword", text));
        }
        let body = r#"{"password": "another day at sea", "oldPassword": "a long day at sea"}"#;
        assert_eq!(peter.send("POST /customer/update", body).await.told(), AS_IT_IS);
        assert_eq!(peter.ask("POST /customer/update").await.told(), AS_IT_IS);
        assert_eq!(other.ask("POST /customer/update").await.told(), INACTIVE);
        let answer = peter.send("POST /customer/signin", SIGNIN).await;
        assert_eq!(answer.at("/name"), "InvalidPassword");
    }

    async fn a_new_email_waits_for_its_code(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        let body = r#"{"email": "pan@example.com", "oldPassword": "a long day at sea"}"#;
        let answer = peter.send("POST /customer/update", body).await;
        assert_eq!(
            answer.told(),
            r#"200 {"username":"peter","email":"peter@example.com","phoneNum":"51234567","pendingEmail":"pan@example.com"}"#
        );
        let code = node.client_of("customer").code_for("pan@example.com").await;
        let wrong = crate::support::client::wrong(&code);
        let answer = peter.send("POST /customer/update", &format!(r#"{{"otp": "{wrong}"}}"#)).await;
        assert_eq!(answer.told(), told(400, "InvalidOtp", "The code is not right."));
        let answer = peter.send("POST /customer/update", &format!(r#"{{"otp": "{code}"}}"#)).await;
        assert_eq!(answer.told(), r#"200 {"username":"peter","email":"pan@example.com","phoneNum":"51234567"}"#);
        let answer = peter.send("POST /customer/update", &format!(r#"{{"otp": "{code}"}}"#)).await;
        assert_eq!(answer.told(), told(400, "OtpNotFound", "No code waits for this account."));
    }

    async fn what_another_has_is_refused(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        node.client_of("customer").joined("ada").await;
        let answer = peter.send("POST /customer/update", r#"{"username": "ada"}"#).await;
        assert_eq!(answer.told(), told(400, "UserAlreadyExisted", "The username is taken."));
        let body = r#"{"email": "ada@example.com", "oldPassword": "a long day at sea"}"#;
        let answer = peter.send("POST /customer/update", body).await;
        assert_eq!(answer.told(), told(400, "UserAlreadyExisted", "The email is taken."));
        assert_eq!(peter.ask("POST /customer/update").await.told(), AS_IT_IS);
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_taken_change_nothing() {
    let node = start(Engines::Embedded).await;
    let peter = joined(&node).await;
    for body in [
        r#"{"newPassword": "another day at sea", "password": "a third day at sea", "oldPassword": "a long day at sea"}"#,
        r#"{"otp": "123456", "username": "pan"}"#,
        r#"{"username": ""}"#,
        r#"{"username": 1}"#,
        "[]",
    ] {
        let answer = peter.send("POST /customer/update", body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.at("/name"), "ValidationError", "{body}");
    }
    assert_eq!(peter.ask("POST /customer/update").await.told(), AS_IT_IS);
}
