//! The document `profile.txt`, exchange by exchange.

use std::time::Duration;

use crate::support::{
    client::wrong,
    rest::{Answer, Rest},
    service::{Engines, Node, on_both_engines, start},
};

const REGISTRATION: &str = r#"{
    "username" : "nekochan",
    "full_name" : "Shina Mahiru",
    "email" : "shinapyon@gmail.com",
    "password" : "shinachan",
    "birth_date" : "2002-08-08"
}"#;
const LOGIN: &str = r#"{ "email": "shinapyon@gmail.com", "password" : "shinachan" }"#;
const UNAUTHORIZED: &str = r#"401 {"errors":"Unauthorized"}"#;

async fn registered(node: &Node) -> (Rest, String) {
    let rest = node.rest("profile");
    let answer = rest.send("POST /api/v1/users", REGISTRATION).await;
    let id = answer.at("/data/id");
    (rest, id)
}

async fn code(node: &Node) -> String {
    node.client_of("profile")
        .code_for("shinapyon@gmail.com")
        .await
}

async fn verify(rest: &Rest, id: &str, code: &str) -> Answer {
    let body = format!(r#"{{"otp_code": "{code}"}}"#);
    rest.send(&format!("POST /api/v1/users/{id}/verify-otp"), &body)
        .await
}

/// A front end that is logged in.
async fn joined(node: &Node) -> Rest {
    let (rest, id) = registered(node).await;
    let code = code(node).await;
    verify(&rest, &id, &code).await;
    let token = rest
        .send("POST /api/v1/users/login", LOGIN)
        .await
        .at("/data/token");
    rest.with(&token)
}

on_both_engines! {
    async fn register_answers_with_the_account(engines) {
        let node = start(engines).await;
        let rest = node.rest("profile");
        let answer = rest.send("POST /api/v1/users", REGISTRATION).await;
        assert_eq!(
            answer.told(),
            r#"200 {"data":{"id":"ID","username":"nekochan","full_name":"Shina Mahiru","email":"shinapyon@gmail.com","birth_date":"2002-08-08","role":"USER","is_active":false,"created_at":TIME,"updated_at":TIME}}"#,
        );
        assert_eq!(answer.header("content-type"), "application/json");
    }

    async fn a_taken_username_or_email_is_told(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let again = REGISTRATION.replace("shinapyon", "another");
        let answer = rest.send("POST /api/v1/users", &again).await;
        assert_eq!(answer.told(), r#"409 {"errors":"Username already registered"}"#);
        let again = REGISTRATION.replace("nekochan", "another");
        let answer = rest.send("POST /api/v1/users", &again).await;
        assert_eq!(answer.told(), r#"409 {"errors":"Email already registered"}"#);
    }

    async fn a_code_activates_and_a_login_follows(engines) {
        let node = start(engines).await;
        let (rest, id) = registered(&node).await;
        let answer = rest.send("POST /api/v1/users/login", LOGIN).await;
        assert_eq!(answer.told(), UNAUTHORIZED, "not active yet");
        let code = code(&node).await;
        let answer = verify(&rest, &id, &wrong(&code)).await;
        assert_eq!(
            answer.told(),
            r#"400 {"errors":"The OTP code is invalid. Please check the code and try again."}"#
        );
        let answer = verify(&rest, &id, &code).await;
        assert_eq!(answer.told(), r#"200 {"data":"OK"}"#);
        let answer = verify(&rest, &id, &code).await;
        assert_eq!(answer.told(), r#"404 {"errors":"User not found"}"#, "already active");
        let answer = rest.send("POST /api/v1/users/login", LOGIN).await;
        assert_eq!(answer.told(), r#"200 {"data":{"token":"TOKEN"}}"#);
    }

    async fn an_old_code_is_told_to_be_old(engines) {
        let node = start(engines).await;
        let (rest, id) = registered(&node).await;
        let code = code(&node).await;
        node.advance(Duration::from_mins(5));
        let answer = verify(&rest, &id, &code).await;
        assert_eq!(
            answer.told(),
            r#"400 {"errors":"The OTP code has expired. Please request a new one."}"#
        );
    }

    async fn refresh_otp_sends_another_code(engines) {
        let node = start(engines).await;
        let (rest, id) = registered(&node).await;
        let path = format!("POST /api/v1/users/{id}/refresh-otp");
        let answer = rest.ask(&path).await;
        assert_eq!(answer.status, 429);
        assert_eq!(answer.header("retry-after"), "30");
        node.advance(Duration::from_secs(30));
        assert_eq!(rest.ask(&path).await.told(), r#"200 {"data":"OK"}"#);
        let codes = node.client_of("profile").codes_for("shinapyon@gmail.com", 2).await;
        assert_eq!(verify(&rest, &id, &codes[1]).await.told(), r#"200 {"data":"OK"}"#);
        for id in [id.as_str(), "0192f0c1-7a3b-7c4d-8e5f-0123456789ab", "1", "..%2F..", "%FF"] {
            let answer = rest.ask(&format!("POST /api/v1/users/{id}/refresh-otp")).await;
            assert_eq!(answer.told(), r#"404 {"errors":"User not found"}"#, "{id}");
        }
    }

    async fn current_takes_the_token_bare_or_behind_bearer_and_by_both_verbs(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let token = rest.send("POST /api/v1/users/login", LOGIN).await.at("/data/token");
        let bare = rest.with(&token);
        let behind = rest.with(&format!("Bearer {token}"));
        let expected = r#"200 {"data":{"id":"ID","username":"nekochan","full_name":"Shina Mahiru","email":"shinapyon@gmail.com","birth_date":"2002-08-08","role":"USER","is_active":true,"created_at":TIME,"updated_at":TIME}}"#;
        for rest in [bare, behind] {
            for verb in ["POST", "GET"] {
                let answer = rest.ask(&format!("{verb} /api/v1/users/current")).await;
                assert_eq!(answer.told(), expected);
            }
        }
    }

    async fn a_login_replaces_the_token_before_and_logout_ends_it(engines) {
        let node = start(engines).await;
        let first = joined(&node).await;
        let token = first.send("POST /api/v1/users/login", LOGIN).await.at("/data/token");
        assert_eq!(first.ask("GET /api/v1/users/current").await.told(), UNAUTHORIZED);
        let second = first.with(&token);
        assert_eq!(second.ask("DELETE /api/v1/users/logout").await.told(), r#"200 {"data":"OK"}"#);
        for line in ["GET /api/v1/users/current", "POST /api/v1/users/current", "POST /api/v1/users/logout"] {
            assert_eq!(second.ask(line).await.told(), UNAUTHORIZED);
        }
    }
}

#[tokio::test]
async fn an_unknown_email_and_a_wrong_password_are_told_alike() {
    let node = start(Engines::Embedded).await;
    let rest = joined(&node).await;
    for body in [
        r#"{"email": "nobody@gmail.com", "password": "shinachan"}"#,
        r#"{"email": "shinapyon@gmail.com", "password": "shinachan1"}"#,
    ] {
        let answer = rest.send("POST /api/v1/users/login", body).await;
        assert_eq!(answer.told(), UNAUTHORIZED);
    }
}

#[tokio::test]
async fn without_a_token_or_with_a_wrong_one_everything_is_unauthorized() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("profile");
    for rest in [
        rest.clone(),
        rest.with("nonsense"),
        rest.with("Basic abc"),
        rest.with("Bearer "),
    ] {
        for line in [
            "POST /api/v1/users/current",
            "GET /api/v1/users/current",
            "DELETE /api/v1/users/logout",
            "POST /api/v1/users/logout",
        ] {
            assert_eq!(rest.ask(line).await.told(), UNAUTHORIZED, "{line}");
        }
    }
}

#[tokio::test]
async fn bi_14_bodies_that_are_wrong_are_refused_in_the_dialects_words() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("profile");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#"{"username": 1}"#,
        r#"{"email": ["a@example.com", "b@example.com"]}"#,
        r#"{"email": "a@example.com", "email": "b@example.com"}"#,
        deep.as_str(),
    ] {
        let answer = rest.send("POST /api/v1/users", body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(!answer.at("/errors").is_empty());
    }
    let form = rest.begin("POST", "/api/v1/users").body("username=x");
    let answer = rest.finish(form.header("content-type", "text/plain")).await;
    assert_eq!(answer.status, 415);
    let long = format!(r#"{{"username": "{}"}}"#, "x".repeat(70_000));
    let answer = rest.send("POST /api/v1/users", &long).await;
    assert_eq!(answer.told(), r#"413 {"errors":"the body is too large"}"#);
    let answer = rest.ask("GET /nowhere").await;
    assert_eq!(answer.told(), r#"404 {"errors":"Are you lost?"}"#);
    let answer = rest.ask("PATCH /api/v1/users").await;
    assert_eq!(answer.status, 405);
    assert!(!answer.at("/errors").is_empty());
}
