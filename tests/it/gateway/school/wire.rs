//! What comes over the wire and should not.

use super::{
    CREATED, INVALID, LOGIN, SEPTEMBER, SHORT, UNAUTHORIZED, logged_in, registered, start, told,
};
use crate::support::{
    client::PASSWORD,
    rest::Rest,
    service::{Engines, Ground},
};

#[tokio::test]
async fn bi_14_bodies_that_are_wrong_are_refused_in_the_dialects_words() {
    let node = start(Engines::Embedded).await;
    let rest = registered(&node).await;
    let zack = logged_in(&node.rest("school")).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for line in [
        "POST /auth/register",
        "POST /auth/otp",
        "POST /auth/login",
        "PATCH /auth/update",
    ] {
        // Who has a session is not let in again, so the others have no cookie.
        let rest = if line.starts_with("PATCH") {
            &zack
        } else {
            &rest
        };
        for body in [
            "{",
            "[]",
            "null",
            r#"{"username":1,"email":1}"#,
            r#"{"username":"a","username":"b","email":"a@example.com","email":"b@example.com"}"#,
            r#"{"username":["a","b"],"email":["a@example.com","b@example.com"]}"#,
            deep.as_str(),
        ] {
            let answer = rest.send(line, body).await;
            assert_eq!(answer.status, 400, "{line} {body} {}", answer.text());
            assert!(!answer.at("/message").is_empty());
        }
        let long = format!(r#"{{"username":"{}"}}"#, "x".repeat(70_000));
        assert_eq!(
            told(rest, line, &long).await,
            r#"413 {"message":"the body is too large"}"#
        );
        let (method, path) = line.split_once(' ').unwrap();
        let form = rest.begin(method, path).body("username=x");
        let answer = rest.finish(form.header("content-type", "text/plain")).await;
        assert_eq!(
            answer.told(),
            r#"415 {"message":"the body must be application/json"}"#
        );
    }
    for body in [
        r#"{"username":"zackdesu","pasword":"123456"}"#,
        r#"{"username":"zackdesu","passoword":"123456"}"#,
        r#"{"username":"zackdesu","password":null}"#,
    ] {
        let answer = rest.send("POST /auth/login", body).await;
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("school");
    assert_eq!(
        rest.ask("GET /nowhere").await.told(),
        r#"404 {"message":"Not Found"}"#
    );
    for line in ["GET /auth/login", "POST /auth/refresh", "PUT /auth/update"] {
        let answer = rest.ask(line).await;
        assert_eq!(answer.told(), r#"405 {"message":"Method Not Allowed"}"#);
    }
}

#[tokio::test]
async fn az_05_what_is_not_the_clients_to_say_is_passed_over() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("school");
    let forged = r#""role":"ADMIN","id":"1","external_id":"999999999","is_active":false,"verified":true,"created_at":1,"password_hash":"x","attributes":{"role":"ADMIN"}"#;
    let body = SHORT.replacen('{', &format!("{{{forged},"), 1);
    assert_eq!(told(&rest, "POST /auth/register", &body).await, CREATED);
    let zack = logged_in(&rest).await;
    let answer = zack
        .send("PATCH /auth/update", &format!("{{{forged}}}"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        zack.ask("GET /auth/details").await.told(),
        r#"200 {"user":{"id":"202272036","username":"zackdesu","name":"Wongso Wijaya","role":"MEMBER"}}"#
    );
}

/// A request with headers that only a gateway inside a network would set.
async fn forged(rest: &Rest, method: &str, path: &str, token: &str) -> String {
    let request = rest
        .begin(method, path)
        .header("x-user-id", "202272036")
        .header("x-role", "ADMIN")
        .header("grpc-metadata-authorization", format!("Bearer {token}"))
        .header("grpc-metadata-x-user-id", "202272036");
    rest.finish(request).await.told()
}

#[tokio::test]
async fn az_09_headers_name_neither_account_nor_role() {
    let node = start(Engines::Embedded).await;
    let rest = registered(&node).await;
    let token = rest
        .send("POST /auth/login", LOGIN)
        .await
        .at("/accessToken");
    let stranger = node.rest("school");
    assert_eq!(
        forged(&stranger, "GET", "/auth/details", &token).await,
        UNAUTHORIZED
    );
    assert_eq!(
        forged(&stranger, "GET", "/auth/refresh", &token).await,
        INVALID
    );
    let told = forged(&stranger.with(&token), "GET", "/auth/details", "x").await;
    assert!(told.contains(r#""role":"MEMBER""#), "{told}");
}

#[tokio::test]
async fn az_09_a_forwarded_address_dodges_no_limit() {
    let ground = Ground::at(Engines::Embedded, SEPTEMBER, |settings| {
        settings.limits.address_burst = 3;
    });
    let node = ground.await.node().await;
    let rest = node.rest("school");
    let mut answered = 0;
    for number in 0..6 {
        let request = rest.begin("POST", "/auth/login").body(LOGIN);
        let request = request
            .header("content-type", "application/json")
            .header("x-forwarded-for", format!("203.0.113.{number}"));
        let answer = rest.finish(request).await;
        if answer.status == 404 {
            answered += 1;
            continue;
        }
        assert_eq!(
            answer.told(),
            r#"429 {"message":"Kamu melakukan login terlalu banyak! Silahkan coba lagi nanti."}"#
        );
        assert!(!answer.header("retry-after").is_empty());
    }
    assert_eq!(answered, 3);
    assert_eq!(
        told(&rest, "POST /auth/otp", r#"{"email":"zackdesu@email.com"}"#).await,
        r#"429 {"message":"Kamu melakukan request terlalu banyak! Silahkan coba lagi nanti."}"#
    );
}

#[tokio::test]
async fn a_token_of_another_realm_is_none_here() {
    let node = start(Engines::Embedded).await;
    let client = node.client();
    let account = client.register(client.registration("ada")).await.unwrap();
    let code = client.code_for("ada@example.com").await;
    let id = account.account.unwrap().id;
    client.activate(&id, &code).await.unwrap();
    let tokens = client.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
    let ada = node.rest("school").with(&tokens.access_token);
    assert_eq!(ada.ask("GET /auth/details").await.told(), UNAUTHORIZED);
    assert_eq!(
        told(&ada, "PATCH /auth/update", r#"{"name":"Ada"}"#).await,
        UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_document_is_served_with_every_endpoint() {
    let node = start(Engines::Embedded).await;
    let document = node.rest("school").ask("GET /openapi.json").await.json();
    for (path, method) in [
        ("/auth/register", "post"),
        ("/auth/otp", "post"),
        ("/auth/login", "post"),
        ("/auth/refresh", "get"),
        ("/auth/logout", "delete"),
        ("/auth/details", "get"),
        ("/auth/update", "patch"),
    ] {
        assert!(
            document["paths"][path][method]["responses"].is_object(),
            "{method} {path}"
        );
    }
}
