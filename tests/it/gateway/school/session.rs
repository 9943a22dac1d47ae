//! The session in the cookie: login, refresh, logout.

use super::{INVALID, LOGGED_OUT, LOGIN, SEPTEMBER, UNAUTHORIZED, cookie, registered, start, told};
use crate::support::{
    rest::{Answer, Rest},
    service::{Engines, Ground, on_both_engines},
};

const LOGGED_IN: &str = r#"403 {"message":"User have logged in."}"#;
const REFRESHED: &str = r#"200 {"accessToken":"TOKEN"}"#;

/// A request of a client that keeps no cookies and sends this one.
async fn ask(rest: &Rest, method: &str, path: &str, cookie: &str) -> Answer {
    let request = rest.begin(method, path).header("cookie", cookie);
    rest.finish(request).await
}

async fn login(rest: &Rest, cookie: &str) -> Answer {
    let request = rest.begin("POST", "/auth/login").header("cookie", cookie);
    let request = request.header("content-type", "application/json");
    rest.finish(request.body(LOGIN)).await
}

on_both_engines! {
    async fn a_session_lives_in_the_cookie_until_the_logout(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let token = rest.send("POST /auth/login", LOGIN).await.at("/accessToken");
        let mut cookies = Vec::new();
        for _ in 0..3 {
            let answer = rest.ask("GET /auth/refresh").await;
            assert_eq!(answer.told(), REFRESHED);
            cookies.push(cookie(&answer));
            let user = rest.with(&answer.at("/accessToken")).ask("GET /auth/details").await;
            assert_eq!(user.status, 200);
        }
        assert_ne!(cookies[0], cookies[1], "each is used once");
        let answer = rest.ask("DELETE /auth/logout").await;
        assert_eq!(answer.told(), LOGGED_OUT);
        let line = answer.header("set-cookie");
        assert!(line.starts_with("refreshToken=;") && line.contains("Max-Age=0"), "{line}");
        assert!(line.contains("Path=/auth;") || line.ends_with("Path=/auth"), "{line}");
        assert_eq!(rest.with(&token).ask("GET /auth/details").await.told(), UNAUTHORIZED);
        assert_eq!(rest.ask("GET /auth/refresh").await.told(), INVALID);
        let kept = ask(&node.rest("school"), "GET", "/auth/refresh", &format!("refreshToken={}", cookies[2])).await;
        assert_eq!(kept.told(), INVALID);
        assert_eq!(rest.ask("DELETE /auth/logout").await.told(), LOGGED_OUT, "always");
    }

    async fn who_is_logged_in_stays_so_when_a_second_login_is_refused(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let first = rest.send("POST /auth/login", LOGIN).await;
        for _ in 0..3 {
            // The jar takes the successor each time.
            assert_eq!(told(&rest, "POST /auth/login", LOGIN).await, LOGGED_IN);
        }
        assert_eq!(told(&rest, "POST /auth/login", "{}").await, LOGGED_IN, "looked at first");
        let token = first.at("/accessToken");
        assert_eq!(rest.with(&token).ask("GET /auth/details").await.status, 200);
        assert_eq!(rest.ask("GET /auth/refresh").await.told(), REFRESHED);
    }

    async fn a_client_that_misses_the_successor_keeps_its_session_too(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let cookie = cookie(&rest.send("POST /auth/login", LOGIN).await);
        let cookie = format!("refreshToken={cookie}");
        let bare = node.rest("school");
        for _ in 0..3 {
            let client = node.rest("school");
            assert_eq!(login(&client, &cookie).await.told(), LOGGED_IN);
        }
        assert_eq!(ask(&bare, "GET", "/auth/refresh", &cookie).await.told(), REFRESHED);
    }

    async fn a_login_elsewhere_ends_the_session_before(engines) {
        let node = start(engines).await;
        let first = registered(&node).await;
        let token = first.send("POST /auth/login", LOGIN).await.at("/accessToken");
        let second = node.rest("school");
        assert_eq!(second.send("POST /auth/login", LOGIN).await.status, 200);
        assert_eq!(first.with(&token).ask("GET /auth/details").await.told(), UNAUTHORIZED);
        assert_eq!(first.ask("GET /auth/refresh").await.told(), INVALID);
        let answer = first.send("POST /auth/login", LOGIN).await;
        assert_eq!(answer.status, 200, "a dead cookie locks nobody out: {}", answer.text());
    }
}

#[tokio::test]
async fn cookies_that_hold_nothing_are_as_none() {
    let node = start(Engines::Embedded).await;
    let rest = registered(&node).await;
    let long = format!("refreshToken={}", "x".repeat(1000));
    for cookie in [
        "",
        "refreshToken=",
        "refreshToken=abc123",
        "refreshToken=a b\"c",
        "other=1; refreshToken=rt_AAAA",
        long.as_str(),
    ] {
        let bare = node.rest("school");
        assert_eq!(
            ask(&bare, "GET", "/auth/refresh", cookie).await.told(),
            INVALID
        );
        let gone = ask(&bare, "DELETE", "/auth/logout", cookie).await;
        assert_eq!(gone.told(), LOGGED_OUT);
        let bare = node.rest("school");
        assert_eq!(login(&bare, cookie).await.status, 200, "{cookie}");
    }
    drop(rest);
}

#[tokio::test]
async fn a_logout_without_a_cookie_touches_nobody_elses_session() {
    let node = start(Engines::Embedded).await;
    let rest = registered(&node).await;
    let token = rest
        .send("POST /auth/login", LOGIN)
        .await
        .at("/accessToken");
    let stranger = node.rest("school");
    for stranger in [stranger.clone(), stranger.with("Bearer nonsense")] {
        let answer = stranger.ask("DELETE /auth/logout").await;
        assert_eq!(answer.told(), LOGGED_OUT);
    }
    let owner = node.rest("school").with(&token);
    assert_eq!(owner.ask("GET /auth/details").await.status, 200);
    // The token in the header names a session as well as the cookie does.
    assert_eq!(owner.ask("DELETE /auth/logout").await.told(), LOGGED_OUT);
    assert_eq!(owner.ask("GET /auth/details").await.told(), UNAUTHORIZED);
    assert_eq!(rest.ask("GET /auth/refresh").await.told(), INVALID);
}

#[tokio::test]
async fn the_cookie_goes_by_the_prefix_and_by_whether_tls_is_wanted() {
    let ground = Ground::at(Engines::Embedded, SEPTEMBER, |settings| {
        settings.dialects.school.prefix = String::from("/library");
        settings.gateway.secure_cookies = false;
    });
    let node = ground.await.node().await;
    let rest = node.rest("school");
    let line = "POST /library/auth/register";
    assert_eq!(told(&rest, line, super::SHORT).await, super::CREATED);
    let answer = rest.send("POST /library/auth/login", LOGIN).await;
    let line = answer.header("set-cookie");
    assert!(line.contains("Path=/library/auth;"), "{line}");
    assert!(!line.contains("Secure"), "{line}");
    assert_eq!(
        rest.ask("GET /library/auth/refresh").await.told(),
        REFRESHED
    );
}
