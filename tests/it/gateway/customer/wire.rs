//! Bodies, paths and headers that are not as the document has them.

use super::{SENT, SIGNIN, SIGNUP, joined};
use crate::support::service::{Engines, start};

#[tokio::test]
async fn bi_14_bodies_that_are_wrong_are_refused_in_the_dialects_words() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("customer");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#"{"username": 1}"#,
        r#"{"username": "peter", "pasword": "a long day at sea", "email": "peter@example.com"}"#,
        r#"{"email": ["a@example.com", "b@example.com"]}"#,
        r#"{"email": "a@example.com", "email": "b@example.com"}"#,
        deep.as_str(),
    ] {
        for path in ["signup", "signin", "activate", "reverify"] {
            let line = format!("POST /customer/{path}");
            if body.contains("pasword") && (path == "activate" || path == "reverify") {
                continue;
            }
            if body.starts_with(r#"{"email""#) && path != "signup" && path != "reverify" {
                continue;
            }
            let answer = rest.send(&line, body).await;
            assert_eq!(answer.status, 400, "{line} {body}: {}", answer.text());
            assert_eq!(answer.at("/name"), "ValidationError");
            assert_eq!(answer.at("/value"), answer.at("/message"));
        }
    }
    for path in ["/customer/signup", "/customer/signin"] {
        let request = rest.begin("POST", path).body("username=x");
        let answer = rest
            .finish(request.header("content-type", "text/plain"))
            .await;
        assert_eq!(answer.status, 415);
        assert_eq!(answer.at("/name"), "UnsupportedMediaType");
    }
    let long = SIGNUP.replace("peter", &"x".repeat(70_000));
    for path in ["signup", "signin"] {
        let answer = rest.send(&format!("POST /customer/{path}"), &long).await;
        assert_eq!(answer.status, 413, "{path}");
        assert_eq!(answer.at("/name"), "PayloadTooLarge");
    }
    assert!(node.ground.mailer.outbox().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_fields_is_told_by_the_documents_names() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("customer");
    let body =
        r#"{"username": "peter", "email": "nowhere", "phoneNum": "12", "password": "short"}"#;
    let answer = rest.send("POST /customer/signup", body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.at("/name"), "ValidationError");
    for name in ["email ", "phoneNum ", "password "] {
        assert!(answer.at("/message").contains(name), "{}", answer.text());
    }
    let answer = rest
        .send("POST /customer/activate", r#"{"username": "peter"}"#)
        .await;
    assert!(
        answer.at("/message").starts_with("otp "),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn unknown_paths_and_methods_are_forbidden() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("customer");
    for line in [
        "GET /",
        "GET /customer",
        "POST /customer/nowhere",
        "GET /customer/signin",
        "GET /customer/getProfilePic",
        "DELETE /customer/update",
        "POST /customer/signin/",
        "POST /vendor/signin",
    ] {
        let answer = rest.ask(line).await;
        assert_eq!(answer.told(), "403 {}", "{line}");
        assert_eq!(
            answer.header("content-type"),
            "application/json; charset=utf-8"
        );
    }
}

#[tokio::test]
async fn az_05_members_that_nobody_asked_for_are_not_stored() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("customer");
    let more = r#"{
        "_id": "0192f0c1-7a3b-7c4d-8e5f-0123456789ab", "id": "0192f0c1-7a3b-7c4d-8e5f-0123456789ab",
        "activated": true, "is_active": true, "online": true, "state": 2, "role": "ADMIN", "usertype": "admin",
        "email_verified": true, "password_hash": "x", "created_at": 1, "realm": "default","#;
    let body = SIGNUP.replacen('{', more, 1);
    assert_eq!(rest.send("POST /customer/signup", &body).await.told(), SENT);
    let answer = rest.send("POST /customer/signin", SIGNIN).await;
    assert_eq!(answer.at("/name"), "AccountNotActivated");
    let code = super::code(&node, 1).await;
    let token = super::activate(&rest, &code).await.at("/token");
    let update = format!("{more} \"username\": \"peter\"}}");
    let peter = rest.with(&format!("Bearer {token}"));
    assert_eq!(
        peter.send("POST /customer/update", &update).await.status,
        200
    );
    let account = node
        .client_of("customer")
        .with(&token)
        .current()
        .await
        .unwrap();
    assert_eq!(account.role, "USER");
    assert_eq!(account.realm, "customer");
    assert_ne!(account.id, "0192f0c1-7a3b-7c4d-8e5f-0123456789ab");
    assert!(account.create_time.unwrap().seconds > 1);
}

#[tokio::test]
async fn az_09_headers_that_claim_an_identity_have_no_effect() {
    let node = start(Engines::Embedded).await;
    let peter = joined(&node).await;
    let token = peter
        .send("POST /customer/signin", SIGNIN)
        .await
        .at("/token");
    let id = node
        .client_of("customer")
        .with(&token)
        .current()
        .await
        .unwrap()
        .id;
    for with_token in [false, true] {
        let rest = if with_token {
            peter.clone()
        } else {
            node.rest("customer")
        };
        let mut request = rest.begin("POST", "/customer/update");
        for (name, value) in [
            ("x-user-id", id.as_str()),
            ("x-role", "ADMIN"),
            ("grpc-metadata-authorization", &format!("Bearer {token}")),
            (
                "grpc-metadata-x-user-id",
                "0192f0c1-7a3b-7c4d-8e5f-0123456789ab",
            ),
            ("x-forwarded-for", "203.0.113.9"),
        ] {
            request = request.header(name, value);
        }
        let answer = rest.finish(request).await;
        if with_token {
            assert_eq!(answer.at("/username"), "peter");
        } else {
            assert_eq!(answer.told(), "401 {}");
        }
    }
    let mut sessions = node
        .client_of("customer")
        .with(&token)
        .sessions()
        .await
        .unwrap();
    let signin = peter.begin("POST", "/customer/signin");
    let signin = signin.header("content-type", "application/json");
    let signin = signin.header("x-forwarded-for", "203.0.113.9").body(SIGNIN);
    assert_eq!(peter.finish(signin).await.status, 200);
    sessions.extend(
        node.client_of("customer")
            .with(&token)
            .sessions()
            .await
            .unwrap(),
    );
    assert!(
        sessions
            .iter()
            .all(|session| session.peer_address == "127.0.0.1")
    );
}

#[tokio::test]
async fn the_document_names_every_endpoint_and_the_form() {
    let node = start(Engines::Embedded).await;
    let document = node.rest("customer").ask("GET /openapi.json").await.json();
    for path in [
        "signup",
        "reverify",
        "activate",
        "signin",
        "update",
        "logout",
        "setProfilePic",
        "getProfilePic",
    ] {
        let operation = &document["paths"][format!("/customer/{path}")]["post"];
        assert!(operation.is_object(), "{path}");
    }
    for path in ["signup", "setProfilePic"] {
        let body = &document["paths"][format!("/customer/{path}")]["post"]["requestBody"];
        let schema = &body["content"]["multipart/form-data"]["schema"]["$ref"];
        let name = schema.as_str().unwrap().rsplit('/').next().unwrap();
        let form = &document["components"]["schemas"][name]["properties"];
        assert!(form["profile"].is_object(), "{path}: {form}");
    }
}
