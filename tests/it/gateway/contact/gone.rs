//! 410: accounts that cannot be used, told only to who knows the password or has a token. Other tokens are 401.

use accountd::store::account::State;

use super::{LOGIN, READ, failed, joined, registered};
use crate::support::{
    operator::{set_role, set_state},
    rest::Rest,
    service::{Engines, Node, on_both_engines, start},
};

/// The token of a front end, for calls of the contract.
async fn token(rest: &Rest) -> String {
    rest.send("POST /api/users/login", LOGIN)
        .await
        .at("/data/token")
}

async fn id(node: &Node, token: &str) -> String {
    let client = node.client_of("contact").with(token);
    client.current().await.unwrap().id
}

on_both_engines! {
    async fn the_password_of_an_account_that_waits_for_its_code_is_410(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let answer = rest.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), failed(410, "user account not activated yet"));
        let body = LOGIN.replace("first", "another");
        let answer = rest.send("POST /api/users/login", &body).await;
        assert_eq!(
            answer.told(),
            failed(401, "Authentication failed: Bad Credential from user"),
            "only who knows the password is told"
        );
    }

    async fn the_token_of_a_deleted_account_is_410_with_nothing(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let token = token(&rest).await;
        node.client_of("contact").with(&token).delete("first secret").await.unwrap();
        let answer = rest.ask("GET /api/users").await;
        assert_eq!(answer.told(), "410 {}");
        assert_eq!(answer.header("content-type"), "application/json");
        let answer = rest.send("PUT /api/users", r#"{"oldpassword": "first secret"}"#).await;
        assert_eq!(answer.told(), failed(410, "the account does not exist any more"));
        let answer = rest.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), failed(401, "Authentication failed: No value present"));
    }

    async fn the_token_and_the_password_of_a_suspended_account_are_410(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let id = id(&node, &token(&rest).await).await;
        set_state(&node, &id, State::Suspended).await;
        assert_eq!(rest.ask("GET /api/users").await.told(), "410 {}");
        let told = failed(410, "the account has been suspended");
        for body in [r#"{"oldpassword": "first secret"}"#, "{}"] {
            assert_eq!(rest.send("PUT /api/users", body).await.told(), told);
        }
        let answer = rest.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), told);
        set_state(&node, &id, State::Active).await;
        assert_eq!(rest.ask("GET /api/users").await.told(), READ);
    }

    async fn a_logged_out_token_is_401(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let token = token(&rest).await;
        node.client_of("contact").with(&token).logout().await.unwrap();
        let ended = rest.with(&format!("Bearer {token}"));
        let told = failed(401, "the session of the access token has ended");
        assert_eq!(ended.ask("GET /api/users").await.told(), told);
        assert_eq!(ended.send("PUT /api/users", "{}").await.told(), told);
        assert_eq!(rest.ask("GET /api/users").await.told(), READ, "the other session goes on");
    }
}

#[tokio::test]
async fn without_a_token_or_with_a_wrong_one_everything_is_401() {
    let node = start(Engines::Embedded).await;
    let rest = joined(&node).await;
    let token = token(&rest).await;
    let cut = token.rsplit_once('.').unwrap().0.to_owned();
    for header in ["nonsense", "Basic abc", "Bearer ", &cut] {
        let rest = rest.with(header);
        for (line, body) in [
            ("GET /api/users", ""),
            ("PUT /api/users", "{}"),
            ("PUT /api/users", r#"{"oldpassword": "first secret"}"#),
        ] {
            let answer = rest.send(line, body).await;
            assert_eq!(answer.status, 401, "{line} with {header}");
            assert!(answer.json()["data"].is_null());
            assert!(answer.json()["errors"].as_bool().unwrap());
        }
    }
}

#[tokio::test]
async fn an_account_may_be_read_whatever_role_an_operator_gave_it() {
    let node = start(Engines::Embedded).await;
    let rest = joined(&node).await;
    let id = id(&node, &token(&rest).await).await;
    set_role(&node, &id, "ADMIN").await;
    assert_eq!(rest.ask("GET /api/users").await.told(), READ);
}
