//! `PUT /api/users`: the old password first, then the email, then the number.

use super::{LOGIN, READ, another, bearing, failed, joined};
use crate::support::service::{Engines, on_both_engines, start};

const CHANGE: &str = r#"{
  "nama" : "sist",
  "email" : "sist@gmail.com",
  "telp" : "08456456456",
  "oldpassword" : "first secret",
  "newpassword" : "second secret"
}"#;
const CHANGED: &str = r#"200 {"data":{"nama":"sist","email":"sist@gmail.com","telp":"08456456456","token":"TOKEN"},"message":"success update data","errors":false}"#;
const WRONG: &str = "cant update data, wrong old password";

on_both_engines! {
    async fn everything_is_changed_at_once_and_a_fresh_token_works(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let elsewhere = bearing(&rest, &rest.send("POST /api/users/login", LOGIN).await);
        let answer = rest.send("PUT /api/users", CHANGE).await;
        assert_eq!(answer.told(), CHANGED);
        let read = r#"200 {"nama":"sist","email":"sist@gmail.com","telp":"08456456456"}"#;
        let fresh = bearing(&rest, &answer);
        assert_eq!(fresh.ask("GET /api/users").await.told(), read);
        assert_eq!(rest.ask("GET /api/users").await.told(), read, "the session goes on");
        assert_eq!(elsewhere.ask("GET /api/users").await.status, 401, "every other one has ended");
        let answer = rest.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), failed(401, "Authentication failed: No value present"));
        let login = LOGIN.replace("broo", "sist").replace("first", "second");
        assert_eq!(rest.send("POST /api/users/login", &login).await.status, 200);
        let letters = node.client_of("contact").mails_to("broo@gmail.com", 3).await;
        assert!(letters.len() >= 3, "the old address is told of the password and of the new address");
    }

    async fn the_document_as_it_stands_changes_the_password_alone(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let same = CHANGE
            .replace("sist", "broo")
            .replace("08456456456", "08123123123");
        let answer = rest.send("PUT /api/users", &same).await;
        assert_eq!(
            answer.told(),
            r#"200 {"data":{"nama":"broo","email":"broo@gmail.com","telp":"08123123123","token":"TOKEN"},"message":"success update data","errors":false}"#
        );
        let login = LOGIN.replace("first", "second");
        assert_eq!(rest.send("POST /api/users/login", &login).await.status, 200);
    }

    async fn without_a_new_password_the_old_one_stays(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        for body in [
            r#"{"nama": "sist", "oldpassword": "first secret"}"#,
            r#"{"nama": "sist", "oldpassword": "first secret", "newpassword": ""}"#,
            r#"{"nama": "sist", "oldpassword": "first secret", "newpassword": null, "telp": null}"#,
            r#"{"oldpassword": "first secret"}"#,
        ] {
            let answer = rest.send("PUT /api/users", body).await;
            assert_eq!(
                answer.told(),
                r#"200 {"data":{"nama":"sist","email":"broo@gmail.com","telp":"08123123123","token":"TOKEN"},"message":"success update data","errors":false}"#
            );
        }
        assert_eq!(rest.send("POST /api/users/login", LOGIN).await.status, 200);
    }

    async fn the_old_password_comes_before_everything(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        another(&node, "sist", "08456456456").await;
        for old in ["another secret", "", "x"] {
            let body = CHANGE.replace("first secret", old);
            let answer = rest.send("PUT /api/users", &body).await;
            assert_eq!(answer.told(), failed(400, WRONG), "{old}");
        }
        for body in ["{}", r#"{"nama": "sist"}"#, r#"{"oldpassword": ""}"#, r#"{"password": "first secret"}"#] {
            let answer = rest.send("PUT /api/users", body).await;
            assert_eq!(answer.told(), failed(400, WRONG), "{body}");
        }
        let long = format!(r#"{{"nama": "sist", "oldpassword": "{}"}}"#, "x".repeat(2000));
        assert_eq!(rest.send("PUT /api/users", &long).await.told(), failed(400, WRONG));
        assert_eq!(rest.ask("GET /api/users").await.told(), READ);
    }

    async fn somebody_elses_email_comes_before_somebody_elses_number(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        another(&node, "sist", "08456456456").await;
        let answer = rest.send("PUT /api/users", CHANGE).await;
        assert_eq!(answer.told(), failed(400, "email is already exists"));
        for (old, new) in [("sist@", "SIST@"), ("08456456456", "08999999999")] {
            let answer = rest.send("PUT /api/users", &CHANGE.replace(old, new)).await;
            assert_eq!(answer.told(), failed(400, "email is already exists"));
        }
        for telp in ["08456456456", "+628456456456"] {
            let body = CHANGE.replace("sist@", "free@").replace("08456456456", telp);
            let answer = rest.send("PUT /api/users", &body).await;
            assert_eq!(answer.told(), failed(400, "telp is already exists"));
        }
        assert_eq!(rest.ask("GET /api/users").await.told(), READ, "nothing of it was stored");
    }
}

#[tokio::test]
async fn a_field_that_cannot_be_taken_is_told_by_its_name() {
    let node = start(Engines::Embedded).await;
    let rest = joined(&node).await;
    let fields = [
        ("sist\"", "\"", "nama"),
        ("sist@gmail.com", "", "email"),
        ("sist@gmail.com", "sist", "email"),
        ("08456456456", "0845", "telp"),
        ("08456456456", "", "telp"),
        ("second secret", "x", "newpassword"),
    ];
    for (old, new, name) in fields {
        let answer = rest.send("PUT /api/users", &CHANGE.replace(old, new)).await;
        assert_eq!(answer.status, 400);
        let message = answer.at("/message");
        let told = format!("cant update data, {name} ");
        assert!(message.starts_with(&told), "{message}");
    }
    assert_eq!(rest.ask("GET /api/users").await.told(), READ);
}

#[tokio::test]
async fn an_idempotency_key_makes_a_change_safe_to_repeat() {
    let node = start(Engines::Embedded).await;
    let rest = joined(&node).await;
    let send = |key: &'static str, body: &'static str| {
        let request = rest.begin("PUT", "/api/users").body(body);
        let request = request.header("content-type", "application/json");
        rest.finish(request.header("idempotency-key", key))
    };
    let key = "0192f0c1-7a3b-4c4d-8e5f-0123456789ab";
    for _ in 0..2 {
        assert_eq!(send(key, CHANGE).await.told(), CHANGED);
    }
    let other = r#"{"nama": "third", "oldpassword": "second secret"}"#;
    assert_eq!(send(key, other).await.status, 400);
    let answer = send("no id", other).await;
    assert_eq!(answer.status, 400);
    assert!(answer.at("/message").contains("Idempotency-Key"));
}
