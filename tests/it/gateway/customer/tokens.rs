//! What the four endpoints with a token say of tokens that do not work.

use std::time::Duration;

use super::{SIGNIN, joined, signed_up, told};
use crate::support::service::{Engines, on_both_engines, start};

const LINES: [&str; 4] = [
    "POST /customer/update",
    "POST /customer/logout",
    "POST /customer/setProfilePic",
    "POST /customer/getProfilePic",
];

#[tokio::test]
async fn tokens_that_are_missing_or_none_are_told_as_the_original_does() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("customer");
    let other = node.client().joined("ada").await.token.unwrap();
    let (rest_of_token, signature) = other.rsplit_once('.').unwrap();
    let mut signature = signature.to_owned();
    let last = if signature.pop() == Some('A') {
        'B'
    } else {
        'A'
    };
    signature.push(last);
    let forged = format!("{rest_of_token}.{signature}");
    for line in LINES {
        assert_eq!(rest.ask(line).await.told(), "401 {}", "{line}");
        for (authorization, message) in [
            ("Bearer", "jwt malformed"),
            ("Basic cGV0ZXI6cA==", "jwt must be provided"),
            ("Bearer nonsense", "jwt malformed"),
            ("nonsense", "jwt malformed"),
            ("Bearer a.b.c", "invalid token"),
            (&format!("Bearer {forged}"), "invalid token"),
        ] {
            let answer = rest.with(authorization).ask(line).await;
            let expected = format!(r#"401 {{"name":"JsonWebTokenError","message":"{message}"}}"#);
            assert_eq!(answer.told(), expected, "{line} {authorization}");
        }
    }
}

on_both_engines! {
    async fn an_expired_token_says_when_it_ended(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        node.advance(Duration::from_mins(30));
        for line in LINES {
            assert_eq!(
                peter.ask(line).await.told(),
                r#"401 {"name":"TokenExpiredError","message":"jwt expired","expiredAt":"2026-01-31T12:30:00.000Z"}"#,
                "{line}"
            );
        }
    }

    async fn the_token_of_an_account_that_is_gone_is_nobodys(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        let answer = peter.send("POST /customer/signin", SIGNIN).await;
        let owner = node.client_of("customer").with(&answer.at("/token"));
        owner.delete(crate::support::client::PASSWORD).await.unwrap();
        for line in LINES {
            let answer = peter.ask(line).await;
            assert_eq!(answer.told(), told(401, "VerifyError", "The user does not exist."), "{line}");
        }
    }

    async fn sign_in_tells_what_is_wrong(engines) {
        let node = start(engines).await;
        let rest = signed_up(&node).await;
        let answer = rest.send("POST /customer/signin", &SIGNIN.replace("peter", "nobody")).await;
        assert_eq!(answer.told(), told(401, "UserNotFound", "No account has this username."));
        let answer = rest.send("POST /customer/signin", &SIGNIN.replace("day", "night")).await;
        assert_eq!(answer.told(), told(401, "InvalidPassword", "The password is not right."));
        let answer = rest.send("POST /customer/signin", "{}").await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.at("/name"), "ValidationError");
    }
}
