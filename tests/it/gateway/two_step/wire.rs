//! Requests that are written in several ways, or wrongly.

use super::{INCORRECT, LOGIN, REGISTRATION, activated, code, joined, registered};
use crate::support::service::{Engines, start};

const VERIFY: &str = "POST /api/users/register/verify-verification-code";

#[tokio::test]
async fn fields_that_cannot_be_taken_are_told_in_a_list() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("two_step");
    let answer = rest.send("POST /api/users", "{}").await;
    assert_eq!(
        answer.told(),
        r#"400 {"errors":["\"username\" must be given","\"email\" must be given","\"name\" must be given","\"password\" must be given"]}"#
    );
    let body = REGISTRATION.replacen("naruto123", "naruto124", 1);
    let answer = rest.send("POST /api/users", &body).await;
    assert_eq!(
        answer.told(),
        r#"400 {"errors":["Password confirmation must match the password."]}"#
    );
    let answer = rest.send("POST /api/users/login", "{}").await;
    assert_eq!(
        answer.told(),
        r#"400 {"errors":["\"email\" must be given","\"password\" must be given"]}"#
    );
    let answer = rest.send(VERIFY, "{}").await;
    assert_eq!(
        answer.told(),
        r#"400 {"errors":["\"userId\" must be given","\"code\" must be given"]}"#
    );
    let line = "POST /api/users/login/verify-verification-code";
    let answer = rest.send(line, "{}").await;
    assert_eq!(
        answer.told(),
        r#"400 {"errors":["\"username\" must be given"]}"#
    );
    let (rest, _) = joined(&node).await;
    let answer = rest
        .send(
            "PATCH /api/users/current",
            r#"{"nama": "", "password": ""}"#,
        )
        .await;
    assert_eq!(
        answer.told(),
        r#"400 {"errors":["\"nama\" must be given","\"password\" must be given"]}"#
    );
}

#[tokio::test]
async fn ids_and_codes_are_taken_as_text_or_as_numbers() {
    let node = start(Engines::Embedded).await;
    let (rest, id) = registered(&node).await;
    for id in [
        "1",
        r#""1""#,
        r#""0192f0c1-7a3b-7c4d-8e5f-0123456789ab""#,
        "18446744073709551615",
    ] {
        let body = format!(r#"{{"userId": {id}, "code": "123456"}}"#);
        assert_eq!(rest.send(VERIFY, &body).await.told(), INCORRECT, "{id}");
    }
    for code in [r#""12345""#, r#""abcdef""#, "12345678"] {
        let body = format!(r#"{{"userId": "{id}", "code": {code}}}"#);
        assert_eq!(rest.send(VERIFY, &body).await.told(), INCORRECT, "{code}");
    }
    let code = code(&node, "naruto@gmail.com", 1).await;
    // A number has no leading zeros.
    let number: u32 = code.parse().unwrap();
    let body = format!(r#"{{"userId": "{id}", "code": {number}}}"#);
    assert_eq!(rest.send(VERIFY, &body).await.status, 201);
}

#[tokio::test]
async fn misspelt_names_and_right_ones_are_taken_but_not_both() {
    let node = start(Engines::Embedded).await;
    let (rest, id) = joined(&node).await;
    let right = LOGIN.replace("passoword", "password");
    let answer = rest.send("POST /api/users/login", &right).await;
    assert_eq!(answer.status, 200);
    for (line, body) in [
        (
            String::from("POST /api/users/login"),
            r#"{"email": "naruto@gmail.com", "passoword": "x", "password": "naruto123"}"#,
        ),
        (
            String::from("PATCH /api/users/current"),
            r#"{"nama": "Naruto", "name": "Sasuke"}"#,
        ),
        (
            format!("DELETE /api/users/{id}"),
            r#"{"username": "narutokonoha", "pasword": "naruto123", "password": "x"}"#,
        ),
    ] {
        assert_eq!(rest.send(&line, body).await.status, 400, "{line}");
    }
    let body = r#"{"username": "narutokonoha", "password": "naruto123"}"#;
    let answer = rest.send(&format!("DELETE /api/users/{id}"), body).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn bi_14_bodies_that_are_wrong_are_refused_in_the_dialects_words() {
    let node = start(Engines::Embedded).await;
    let (rest, _) = activated(&node).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for line in ["POST /api/users", "POST /api/users/login", VERIFY] {
        for body in [
            "",
            "{",
            "[]",
            r#"["sasuke", "naruto123", "naruto123", "sasuke@gmail.com", "Uchiha Sasuke"]"#,
            r#"["naruto@gmail.com", "naruto123"]"#,
            "null",
            r#"{"email": 1, "code": []}"#,
            r#"{"email": ["a@example.com", "b@example.com"], "userId": {}}"#,
            r#"{"email": "a@example.com", "email": "b@example.com", "code": "1", "code": "2"}"#,
            r#"{"email": "naruto@gmail.com", "passowrd": "naruto123"}"#,
            deep.as_str(),
        ] {
            let answer = rest.send(line, body).await;
            assert_eq!(answer.status, 400, "{line} {body} {}", answer.text());
            assert!(answer.json()["errors"].is_string() || answer.json()["errors"].is_array());
        }
    }
    let form = rest.begin("POST", "/api/users").body("username=x");
    let answer = rest.finish(form.header("content-type", "text/plain")).await;
    assert_eq!(
        answer.told(),
        r#"415 {"errors":"the body must be application/json"}"#
    );
    let long = format!(r#"{{"username": "{}"}}"#, "x".repeat(70_000));
    let answer = rest.send("POST /api/users", &long).await;
    assert_eq!(answer.told(), r#"413 {"errors":"the body is too large"}"#);
    let answer = rest.ask("GET /nowhere").await;
    assert_eq!(answer.told(), r#"404 {"errors":"no such path"}"#);
    let answer = rest.ask("PUT /api/users/current").await;
    assert_eq!(
        answer.told(),
        r#"405 {"errors":"the path does not take this method"}"#
    );
}
