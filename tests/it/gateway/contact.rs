//! The document `contact.txt`, exchange by exchange.

mod gone;
mod unlogged;
mod update;
mod wire;

use std::time::Duration;

use crate::support::{
    client::wrong,
    rest::{Answer, Rest},
    service::{Engines, Node, on_both_engines, start},
};

const REGISTRATION: &str = r#"{
    "nama" : "broo",
    "email" : "broo@gmail.com",
    "telp" : "08123123123",
    "password" : "first secret"
}"#;
const LOGIN: &str = r#"{ "email" : "broo@gmail.com", "password" : "first secret" }"#;
const LOGGED_IN: &str =
    r#"200 {"data":{"token":"TOKEN"},"message":"Authentication successful","errors":false}"#;
const SENT: &str = r#"200 {"data":{"email":"broo@gmail.com"},"message":"success register, token already sent","errors":false}"#;
const RESENT: &str =
    r#"200 {"data":{"email":"broo@gmail.com"},"message":"token already sent","errors":false}"#;
const ACTIVE: &str = r#"200 {"data":{"token":"TOKEN"},"message":"account active","errors":false}"#;
const CODE_INVALID: &str = r#"400 {"data":null,"message":"token is invalid","errors":true}"#;
const EMAIL_UNKNOWN: &str = r#"400 {"data":null,"message":"email not found","errors":true}"#;
const CONTACT_INVALID: &str =
    r#"400 {"data":null,"message":"email/telp number invalid","errors":true}"#;
const READ: &str = r#"200 {"nama":"broo","email":"broo@gmail.com","telp":"08123123123"}"#;

/// What the document calls a failure.
fn failed(status: u16, message: &str) -> String {
    format!(r#"{status} {{"data":null,"message":"{message}","errors":true}}"#)
}

/// The newest of so many codes.
async fn code(node: &Node, count: usize) -> String {
    let client = node.client_of("contact");
    client.code_number("broo@gmail.com", count).await
}

async fn registered(node: &Node) -> Rest {
    let rest = node.rest("contact");
    let answer = rest.send("POST /api/users/register", REGISTRATION).await;
    assert_eq!(answer.told(), SENT);
    rest
}

async fn verify(rest: &Rest, code: &str) -> Answer {
    rest.ask(&format!("POST /api/users/token/{code}/broo@gmail.com"))
        .await
}

/// A front end that goes on with the token of an answer.
fn bearing(rest: &Rest, answer: &Answer) -> Rest {
    rest.with(&format!("Bearer {}", answer.at("/data/token")))
}

/// A front end that is logged in.
async fn joined(node: &Node) -> Rest {
    let rest = registered(node).await;
    let answer = verify(&rest, &code(node, 1).await).await;
    bearing(&rest, &answer)
}

/// Another account, active.
async fn another(node: &Node, name: &str, telp: &str) -> Rest {
    let rest = node.rest("contact");
    let body = REGISTRATION
        .replace("broo", name)
        .replace("08123123123", telp);
    rest.send("POST /api/users/register", &body).await;
    let address = format!("{name}@gmail.com");
    let code = node.client_of("contact").code_for(&address).await;
    let line = format!("POST /api/users/token/{code}/{address}");
    bearing(&rest, &rest.ask(&line).await)
}

on_both_engines! {
    async fn register_answers_with_the_address_that_the_code_went_to(engines) {
        let node = start(engines).await;
        let rest = node.rest("contact");
        let answer = rest.send("POST /api/users/register", REGISTRATION).await;
        assert_eq!(answer.told(), SENT);
        assert_eq!(answer.header("content-type"), "application/json");
    }

    async fn a_taken_email_or_number_cannot_be_registered(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        for (old, new) in [("broo@", "another@"), ("08123123123", "08999999999"), ("08123123123", "+628123123123")] {
            let again = REGISTRATION.replace(old, new);
            let answer = rest.send("POST /api/users/register", &again).await;
            assert_eq!(answer.told(), CONTACT_INVALID, "{new}");
        }
    }

    async fn a_registration_that_nobody_activated_gives_way(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let old = code(&node, 1).await;
        let again = REGISTRATION.replace("first secret", "second secret");
        let answer = rest.send("POST /api/users/register", &again).await;
        assert_eq!(answer.told(), SENT);
        let new = code(&node, 2).await;
        if old != new {
            assert_eq!(verify(&rest, &old).await.told(), CODE_INVALID);
        }
        assert_eq!(verify(&rest, &new).await.told(), ACTIVE);
        let answer = rest.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), failed(401, "Authentication failed: Bad Credential from user"));
    }

    async fn a_code_activates_and_logs_in(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let code = code(&node, 1).await;
        assert_eq!(verify(&rest, &wrong(&code)).await.told(), CODE_INVALID);
        let line = format!("POST /api/users/token/{code}/nobody@gmail.com");
        assert_eq!(rest.ask(&line).await.told(), CODE_INVALID, "of another address");
        let answer = verify(&rest, &code).await;
        assert_eq!(answer.told(), ACTIVE);
        assert_eq!(verify(&rest, &code).await.told(), CODE_INVALID, "used");
        let rest = bearing(&rest, &answer);
        assert_eq!(rest.ask("GET /api/users").await.told(), READ);
    }

    async fn a_code_works_only_for_its_own_account(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let other = REGISTRATION.replace("broo", "other").replace("08123123123", "08123123124");
        rest.send("POST /api/users/register", &other).await;
        let client = node.client_of("contact");
        let (mine, theirs) = (code(&node, 1).await, client.code_for("other@gmail.com").await);
        if mine != theirs {
            assert_eq!(verify(&rest, &theirs).await.told(), CODE_INVALID);
        }
        assert_eq!(verify(&rest, &mine).await.told(), ACTIVE);
    }

    async fn an_old_code_and_one_that_was_guessed_too_often_are_invalid(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let first = code(&node, 1).await;
        node.advance(Duration::from_mins(2));
        assert_eq!(verify(&rest, &first).await.told(), CODE_INVALID, "after two minutes");
        assert_eq!(rest.ask("POST /api/users/resend-token/broo@gmail.com").await.told(), RESENT);
        let second = code(&node, 2).await;
        for _ in 0..6 {
            assert_eq!(verify(&rest, &wrong(&second)).await.told(), CODE_INVALID);
        }
        assert_eq!(verify(&rest, &second).await.told(), CODE_INVALID, "after five guesses");
    }

    async fn resend_sends_another_code(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let line = "POST /api/users/resend-token/broo@gmail.com";
        let answer = rest.ask(line).await;
        assert_eq!(answer.told(), failed(429, "a code has just been sent: wait before asking for another"));
        assert_eq!(answer.header("retry-after"), "30");
        node.advance(Duration::from_secs(30));
        assert_eq!(rest.ask(line).await.told(), RESENT);
        let code = code(&node, 2).await;
        assert_eq!(verify(&rest, &code).await.told(), ACTIVE);
        node.advance(Duration::from_mins(1));
        assert_eq!(rest.ask(line).await.told(), EMAIL_UNKNOWN, "already active");
        let answer = rest.ask("POST /api/users/resend-token/nobody@gmail.com").await;
        assert_eq!(answer.told(), EMAIL_UNKNOWN);
    }

    async fn the_paths_of_older_clients_work_too(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        node.advance(Duration::from_secs(30));
        let answer = rest.ask("POST /api/users/resend-otp/broo@gmail.com").await;
        assert_eq!(answer.told(), RESENT);
        let code = code(&node, 2).await;
        let line = format!("POST /api/users/otp/{code}/broo@gmail.com");
        assert_eq!(rest.ask(&line).await.told(), ACTIVE);
    }

    async fn login_gives_a_token_or_says_why_not(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let answer = rest.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), LOGGED_IN);
        let rest = bearing(&rest, &answer);
        assert_eq!(rest.ask("GET /api/users").await.told(), READ);
        for unknown in ["nobody@gmail.com", "broo", "broo@"] {
            let body = LOGIN.replace("broo@gmail.com", unknown);
            let answer = rest.send("POST /api/users/login", &body).await;
            assert_eq!(answer.told(), failed(401, "Authentication failed: No value present"), "{unknown}");
        }
        let body = LOGIN.replace("first", "another");
        let answer = rest.send("POST /api/users/login", &body).await;
        assert_eq!(answer.told(), failed(401, "Authentication failed: Bad Credential from user"));
    }
}

#[tokio::test]
async fn a_token_lives_for_five_hours() {
    let node = start(Engines::Embedded).await;
    let rest = joined(&node).await;
    node.advance(Duration::from_mins(5 * 60 - 1));
    assert_eq!(rest.ask("GET /api/users").await.told(), READ);
    node.advance(Duration::from_mins(1));
    let answer = rest.ask("GET /api/users").await;
    assert_eq!(answer.told(), failed(401, "the access token has expired"));
}
