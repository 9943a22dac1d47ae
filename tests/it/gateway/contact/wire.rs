//! Bodies, paths and headers that are not what they should be.

use super::{
    ACTIVE, CODE_INVALID, CONTACT_INVALID, EMAIL_UNKNOWN, LOGGED_IN, LOGIN, READ, REGISTRATION,
    RESENT, another, bearing, code, failed, joined, registered,
};
use crate::support::{
    rest::{Answer, Rest},
    service::{Engines, start},
};

/// Asserts that an answer is the document's failure, with a text.
#[track_caller]
fn assert_failed(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let message = answer.at("/message");
    assert!(!message.is_empty());
    let message = message.replace('"', "\\\"");
    assert_eq!(answer.told(), failed(status, &message));
}

#[tokio::test]
async fn a_bad_email_or_number_cannot_be_registered() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("contact");
    for (old, new) in [
        ("broo@gmail.com", "broo"),
        ("broo@gmail.com", ""),
        ("08123123123", "0812"),
        ("08123123123", "08123 123 123"),
        ("08123123123", ""),
    ] {
        let body = REGISTRATION.replace(old, new);
        let answer = rest.send("POST /api/users/register", &body).await;
        assert_eq!(answer.told(), CONTACT_INVALID, "{new}");
    }
    let answer = rest.send("POST /api/users/register", "{}").await;
    assert_eq!(answer.told(), CONTACT_INVALID);
}

#[tokio::test]
async fn what_else_is_wrong_with_a_registration_has_one_text() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("contact");
    for (old, new) in [
        ("first secret", "short"),
        ("first secret", ""),
        ("\"broo\"", "\"\""),
    ] {
        let body = REGISTRATION.replace(old, new);
        let answer = rest.send("POST /api/users/register", &body).await;
        assert_eq!(
            answer.told(),
            r#"400 {"data":null,"message":"An error occurred during registration","errors":true}"#,
        );
    }
}

#[tokio::test]
async fn paths_are_percent_decoded() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("contact");
    let body = REGISTRATION.replace("broo@gmail.com", "br+o/o@gmail.com");
    rest.send("POST /api/users/register", &body).await;
    let code = node.client_of("contact").code_for("br+o/o@gmail.com").await;
    let line = format!("POST /api/users/token/{code}/br%2Bo%2Fo%40gmail.com");
    let answer = rest.ask(&line).await;
    assert_eq!(answer.told(), ACTIVE);
    let answer = bearing(&rest, &answer).ask("GET /api/users").await;
    assert_eq!(answer.at("/email"), "br+o/o@gmail.com");
}

#[tokio::test]
async fn paths_that_are_no_code_and_no_address_are_told_as_unknown_ones() {
    let node = start(Engines::Embedded).await;
    let rest = registered(&node).await;
    let code = code(&node, 1).await;
    for path in [
        String::from("x/broo@gmail.com"),
        String::from("%20/broo@gmail.com"),
        format!("{code}0/broo@gmail.com"),
        format!("%20{code}/broo@gmail.com"),
        format!("{code}/broo"),
        format!("{code}/broo@gmail.com%00"),
        format!("{code}/%FF"),
        format!("%FF/{code}"),
    ] {
        let answer = rest.ask(&format!("POST /api/users/token/{path}")).await;
        assert_eq!(answer.told(), CODE_INVALID, "{path}");
    }
    for path in ["broo", "%20", "%FF", "broo@gmail.com%0D%0Ax@gmail.com"] {
        let line = format!("POST /api/users/resend-token/{path}");
        assert_eq!(rest.ask(&line).await.told(), EMAIL_UNKNOWN, "{path}");
    }
    for path in ["/api/users/token/", "/api/users/resend-token/", "/nowhere"] {
        let answer = rest.ask(&format!("POST {path}")).await;
        assert_eq!(answer.told(), failed(404, "no such path"), "{path}");
    }
}

#[tokio::test]
async fn the_body_of_a_code_is_not_looked_at() {
    let node = start(Engines::Embedded).await;
    let rest = registered(&node).await;
    node.advance(std::time::Duration::from_secs(30));
    let line = "POST /api/users/resend-token/broo@gmail.com";
    let other = r#"{"email": "other@gmail.com"}"#;
    assert_eq!(rest.send(line, other).await.told(), RESENT);
    let code = code(&node, 2).await;
    let line = format!("POST /api/users/token/{code}/broo@gmail.com");
    assert_eq!(rest.send(&line, "{").await.told(), ACTIVE);
}

#[tokio::test]
async fn bi_14_bodies_that_are_wrong_are_refused_in_the_dialects_words() {
    let node = start(Engines::Embedded).await;
    let rest = joined(&node).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for line in [
        "POST /api/users/register",
        "POST /api/users/login",
        "PUT /api/users",
    ] {
        for body in [
            "",
            "{",
            "[]",
            "null",
            r#"{"email": 1}"#,
            r#"{"email": ["a@gmail.com", "b@gmail.com"]}"#,
            r#"{"email": "a@gmail.com", "email": "b@gmail.com"}"#,
            r#"{"email": "broo@gmail.com", "pasword": "first secret"}"#,
            r#"{"email": "broo@gmail.com", "password": true, "oldpassword": true}"#,
            deep.as_str(),
        ] {
            assert_failed(&rest.send(line, body).await, 400);
        }
        let (method, path) = line.split_once(' ').unwrap();
        let form = rest.begin(method, path).body("email=x");
        let answer = rest.finish(form.header("content-type", "text/plain")).await;
        assert_failed(&answer, 415);
        let long = format!(r#"{{"email": "{}"}}"#, "x".repeat(70_000));
        let answer = rest.send(line, &long).await;
        assert_eq!(answer.told(), failed(413, "the body is too large"));
    }
    for line in [
        "PATCH /api/users",
        "DELETE /api/users",
        "GET /api/users/login",
    ] {
        assert_failed(&rest.ask(line).await, 405);
    }
}

#[tokio::test]
async fn az_05_what_only_the_service_may_say_is_never_stored() {
    const FORGED: &str = r#"{ "role": "ADMIN", "is_active": true, "active": true, "verified": true,
        "id": "0192f0c1-7a3b-7c4d-8e5f-0123456789ab", "created_at": 1, "password_hash": "x", "state": "ACTIVE",
        "external_id": "x", "username": "x", "attributes": {"x": 1}, "realm": "default","#;
    let node = start(Engines::Embedded).await;
    let rest = node.rest("contact");
    let forged = |body: &str| body.replacen('{', FORGED, 1);
    let answer = rest
        .send("POST /api/users/register", &forged(REGISTRATION))
        .await;
    assert_eq!(answer.status, 200);
    let answer = rest.send("POST /api/users/login", LOGIN).await;
    assert_eq!(answer.status, 410, "not active");
    let code = code(&node, 1).await;
    let answer = super::verify(&rest, &code).await;
    let rest = bearing(&rest, &answer);
    let client = node.client_of("contact").with(&answer.at("/data/token"));
    let before = client.current().await.unwrap();
    let change = forged(r#"{"oldpassword": "first secret"}"#);
    assert_eq!(rest.send("PUT /api/users", &change).await.status, 200);
    let after = client.current().await.unwrap();
    for account in [&before, &after] {
        assert_eq!(
            (account.realm.as_str(), account.role.as_str()),
            ("contact", "USER")
        );
        assert_ne!(account.id, "0192f0c1-7a3b-7c4d-8e5f-0123456789ab");
        assert_eq!(
            (account.external_id.as_str(), account.username.as_str()),
            ("", "")
        );
        assert!(account.attributes.is_none());
    }
    assert_eq!(before.create_time, after.create_time);
    assert_eq!(
        rest.send("POST /api/users/login", LOGIN).await.told(),
        LOGGED_IN
    );
}

/// A request with headers of somebody who would like to be somebody else.
async fn ask_forged(rest: &Rest, method: &str, path: &str, body: &'static str, id: &str) -> Answer {
    let mut request = rest.begin(method, path).body(body);
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-user-id", id),
        ("x-role", "ADMIN"),
        ("grpc-metadata-authorization", "Bearer nonsense"),
        ("grpc-metadata-x-user-id", id),
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
    ] {
        request = request.header(name, value);
    }
    rest.finish(request).await
}

#[tokio::test]
async fn az_09_headers_that_claim_to_be_somebody_have_no_effect() {
    let node = start(Engines::Embedded).await;
    let rest = joined(&node).await;
    let other = another(&node, "other", "08456456456").await;
    let login = LOGIN.replace("broo", "other");
    let token = other.send("POST /api/users/login", &login).await;
    let client = node.client_of("contact");
    let other = client.with(&token.at("/data/token"));
    let victim = other.current().await.unwrap().id;
    let answer = ask_forged(&rest, "GET", "/api/users", "", &victim).await;
    assert_eq!(answer.told(), READ);
    let change = r#"{"nama": "broo", "oldpassword": "first secret"}"#;
    let answer = ask_forged(&rest, "PUT", "/api/users", change, &victim).await;
    assert_eq!(answer.status, 200);
    assert_eq!(other.current().await.unwrap().full_name, "other");
    let nobody = node.rest("contact");
    let answer = ask_forged(&nobody, "GET", "/api/users", "", &victim).await;
    assert_eq!(answer.status, 401);
    let answer = ask_forged(&nobody, "POST", "/api/users/login", LOGIN, &victim).await;
    let client = client.with(&answer.at("/data/token"));
    assert_eq!(client.current().await.unwrap().role, "USER");
    for session in client.sessions().await.unwrap() {
        assert_eq!(session.peer_address, "127.0.0.1");
    }
}

#[tokio::test]
async fn the_openapi_document_has_every_endpoint() {
    let node = start(Engines::Embedded).await;
    let document = node.rest("contact").ask("GET /openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    let mut operations: Vec<String> = paths
        .iter()
        .flat_map(|(path, verbs)| {
            let verbs = verbs.as_object().unwrap().keys();
            verbs.map(move |verb| format!("{verb} {path}"))
        })
        .collect();
    operations.sort();
    assert_eq!(
        operations,
        [
            "get /api/users",
            "post /api/users/login",
            "post /api/users/otp/{TOKEN}/{EMAIL}",
            "post /api/users/register",
            "post /api/users/resend-otp/{email}",
            "post /api/users/resend-token/{email}",
            "post /api/users/token/{TOKEN}/{EMAIL}",
            "put /api/users",
        ]
    );
}
