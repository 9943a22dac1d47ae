//! What is told to who has no token, and what nobody may say of himself.

use super::{
    CURRENT, LOGIN, NOT_VALID, REGISTRATION, UNAUTHORIZED, activated, code, joined, verify_login,
    verify_registration,
};
use crate::support::service::{Engines, start};

#[tokio::test]
async fn an_unknown_email_and_a_wrong_password_are_told_alike() {
    let node = start(Engines::Embedded).await;
    let (rest, _) = activated(&node).await;
    for body in [
        LOGIN.replace("naruto@", "nobody@"),
        LOGIN.replace("naruto123", "naruto124"),
    ] {
        let answer = rest.send("POST /api/users/login", &body).await;
        assert_eq!(answer.told(), NOT_VALID);
    }
}

#[tokio::test]
async fn without_a_token_or_with_a_wrong_one_everything_is_unauthorized() {
    let node = start(Engines::Embedded).await;
    let (rest, id) = activated(&node).await;
    for rest in [
        rest.clone(),
        rest.with("nonsense"),
        rest.with("Basic abc"),
        rest.with("Bearer "),
    ] {
        for line in ["GET /api/users/current", "POST /api/users/logout"] {
            assert_eq!(rest.ask(line).await.told(), UNAUTHORIZED, "{line}");
        }
        for body in ["{}", r#"{"nama": "Naruto", "password": "naruto1234"}"#] {
            let answer = rest.send("PATCH /api/users/current", body).await;
            assert_eq!(answer.told(), UNAUTHORIZED);
        }
        let body = r#"{ "username": "narutokonoha", "pasword": "naruto123" }"#;
        let answer = rest.send(&format!("DELETE /api/users/{id}"), body).await;
        assert_eq!(answer.told(), UNAUTHORIZED);
    }
}

#[tokio::test]
async fn az_05_what_the_document_does_not_take_is_never_stored() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("two_step");
    let more = r#"{
        "id": "0192f0c1-7a3b-7c4d-8e5f-0123456789ab", "userId": "1", "role": "ADMIN", "state": "ACTIVE",
        "is_active": true, "verified": true, "email_verified": true, "external_id": "1", "attributes": {"a": 1},
        "created_at": 0, "password_hash": "x", "realm": "default","#;
    let body = REGISTRATION.replacen('{', more, 1);
    let id = rest.send("POST /api/users", &body).await.at("/data/userId");
    assert_ne!(id, "0192f0c1-7a3b-7c4d-8e5f-0123456789ab");
    let answer = rest.send("POST /api/users/login", LOGIN).await;
    assert_eq!(answer.told(), NOT_VALID, "still pending");
    let first = code(&node, "naruto@gmail.com", 1).await;
    verify_registration(&rest, &id, &first).await;
    rest.send("POST /api/users/login", LOGIN).await;
    let second = code(&node, "naruto@gmail.com", 2).await;
    let token = verify_login(&rest, &id, "narutokonoha", &second)
        .await
        .at("/data/token");
    let body = more.replacen('{', r#"{"nama": "Naruto Hokage","#, 1);
    let body = format!("{}}}", body.trim_end_matches(','));
    let rest = rest.with(&token);
    let answer = rest.send("PATCH /api/users/current", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let client = node.client_of("two_step").with(&token);
    let account = client.current().await.unwrap();
    assert_eq!(account.id, id);
    assert_eq!(account.realm, "two_step");
    assert_eq!(account.role, "USER");
    assert_eq!(account.external_id, "");
    assert_eq!(account.full_name, "Naruto Hokage");
    assert!(account.attributes.is_none_or(|all| all.fields.is_empty()));
}

#[tokio::test]
async fn az_09_headers_that_speak_of_a_caller_have_no_effect() {
    let node = start(Engines::Embedded).await;
    let (rest, id) = joined(&node).await;
    let forged = [
        ("x-user-id", id.as_str()),
        ("x-role", "ADMIN"),
        ("grpc-metadata-authorization", "Bearer nonsense"),
        ("grpc-metadata-x-user-id", id.as_str()),
        ("x-forwarded-for", "203.0.113.9"),
        ("grpc-timeout", "1n"),
    ];
    let with_all = |method: &str, path: &str| {
        let request = node.rest("two_step").begin(method, path);
        forged.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
    };
    let request = with_all("GET", "/api/users/current");
    assert_eq!(rest.finish(request).await.told(), UNAUTHORIZED);
    node.advance(std::time::Duration::from_secs(30));
    let request = with_all("POST", "/api/users/login");
    let request = request.header("content-type", "application/json");
    let answer = rest.finish(request.body(LOGIN)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let code = code(&node, "naruto@gmail.com", 3).await;
    let request = with_all("POST", "/api/users/login/verify-verification-code");
    let request = request.header("content-type", "application/json");
    let body = format!(r#"{{"userId": "{id}", "username": "narutokonoha", "code": "{code}"}}"#);
    let token = rest.finish(request.body(body)).await.at("/data/token");
    let client = node.client_of("two_step").with(&token);
    let sessions = client.sessions().await.unwrap();
    let current = sessions
        .into_iter()
        .find(|session| session.current)
        .unwrap();
    assert_eq!(current.peer_address, "127.0.0.1");
    let answer = rest.with(&token).ask("GET /api/users/current").await;
    assert_eq!(answer.told(), CURRENT);
}
