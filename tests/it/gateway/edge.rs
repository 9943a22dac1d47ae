//! What front ends expect of every answer, whatever the dialect.

mod bodies;
mod mounts;
mod peers;

use accountd::config::Settings;

use crate::support::{
    rest::{Answer, Rest},
    service::{Engines, Ground, Node, start},
};

const LINE: (&str, &str) = ("GET", "/api/users/current");

async fn node_with(change: impl FnOnce(&mut Settings)) -> Node {
    Ground::with(Engines::Embedded, change).await.node().await
}

async fn ask_with(rest: &Rest, (method, path): (&str, &str), headers: &[(&str, &str)]) -> Answer {
    let mut request = rest.begin(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    rest.finish(request).await
}

#[tokio::test]
async fn an_allowed_origin_may_call_with_credentials_and_no_other() {
    let node = node_with(|settings| {
        settings.gateway.cors_origins = vec![String::from("https://shop.example.com")];
    })
    .await;
    let rest = node.rest("two_step");
    let answer = ask_with(&rest, LINE, &[("origin", "https://shop.example.com")]).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://shop.example.com"
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    let exposed = answer.header("access-control-expose-headers");
    assert!(exposed.contains("retry-after") && exposed.contains("x-request-id"));
    for origin in [
        "https://evil.example.com",
        "http://shop.example.com",
        "https://shop.example.com.evil.example",
        "null",
    ] {
        let answer = ask_with(&rest, LINE, &[("origin", origin)]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
    let preflight = [
        ("origin", "https://shop.example.com"),
        ("access-control-request-method", "PATCH"),
        (
            "access-control-request-headers",
            "authorization,content-type",
        ),
    ];
    let answer = ask_with(&rest, ("OPTIONS", LINE.1), &preflight).await;
    assert_eq!(answer.status, 200);
    let methods = answer.header("access-control-allow-methods");
    assert!(methods.contains("PATCH"), "{methods}");
    let headers = answer.header("access-control-allow-headers");
    assert!(headers.contains("authorization"), "{headers}");
}

#[tokio::test]
async fn any_origin_may_call_without_credentials_where_all_are_allowed() {
    let node = node_with(|settings| settings.gateway.cors_origins = vec![String::from("*")]).await;
    let rest = node.rest("two_step");
    let answer = ask_with(&rest, LINE, &[("origin", "https://anyone.example")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn no_origin_may_call_by_default() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("two_step");
    let answer = ask_with(&rest, LINE, &[("origin", "https://shop.example.com")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn each_answer_has_the_id_of_its_request() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("two_step");
    let answer = ask_with(&rest, LINE, &[("x-request-id", "order-66/a")]).await;
    assert_eq!(answer.header("x-request-id"), "order-66/a");
    let long = "x".repeat(65);
    for odd in [&[][..], &["a b"], &[""], &[long.as_str()], &["one", "two"]] {
        let mut request = rest.begin(LINE.0, LINE.1);
        for id in odd {
            request = request.header("x-request-id", *id);
        }
        let answer = rest.finish(request).await;
        let id = answer.header("x-request-id");
        assert!(uuid::Uuid::try_parse(id).is_ok(), "{odd:?}: {id}");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let node = node_with(|settings| settings.limits.address_burst = 1).await;
    let rest = node.rest("two_step");
    let body = r#"{"email": "nobody@example.com", "password": "nobody's"}"#;
    rest.send("POST /api/users/login", body).await;
    let answer = rest.send("POST /api/users/login", body).await;
    assert_eq!(answer.status, 429, "{}", answer.text());
    assert!(!answer.at("/errors").is_empty());
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!(wait >= 1);
}

#[tokio::test]
async fn every_answer_says_how_it_may_be_used() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("two_step");
    for (line, status) in [
        (("GET", "/openapi.json"), 200),
        (LINE, 401),
        (("GET", "/nowhere"), 404),
        (("PUT", "/api/users"), 405),
    ] {
        let answer = ask_with(&rest, line, &[]).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}
