//! A token of one realm is none in a dialect that is bound to another.

use accountd::proto::{LogoutRequest, RefreshRequest};
use tonic::Code;

use crate::support::{
    client::{Client, assert_refused},
    service::{on_both_engines, start},
};

/// A line of each dialect that a token opens, and what it is told whose token is not good.
const LINES: [(&str, &str, &[u16]); 5] = [
    ("school", "GET /auth/details", &[401]),
    ("customer", "POST /customer/getProfilePic", &[401]),
    ("contact", "GET /api/users", &[401]),
    ("profile", "GET /api/v1/users/current", &[401]),
    ("two_step", "GET /api/users/current", &[401]),
];

/// The message with the metadata that narrows a call to a realm.
fn narrowed<T>(client: &Client, realm: &str, message: T) -> tonic::Request<T> {
    let mut request = client.request(message);
    let metadata = request.metadata_mut();
    metadata.insert("accountd-realm", realm.parse().unwrap());
    request
}

on_both_engines! {
    async fn tk_05_a_token_of_another_realm_opens_nothing(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let token = ada.token.clone().unwrap();
        for (dialect, line, refused) in LINES {
            let answer = node.rest(dialect).with(&format!("Bearer {token}")).ask(line).await;
            assert!(refused.contains(&answer.status.as_u16()), "{dialect}: {} {}", answer.status, answer.text());
        }
        ada.current().await.unwrap();
    }

    async fn tk_05_a_call_that_is_narrowed_to_a_realm_takes_no_other_ones_tokens(engines) {
        let node = start(engines).await;
        let tokens = node.client().join("ada").await.tokens.unwrap();
        let ada = node.client().with(&tokens.access_token);
        let refresh = RefreshRequest {
            refresh_token: tokens.refresh_token.clone(),
            ..RefreshRequest::default()
        };
        let refused = ada.rpc.clone().refresh(narrowed(&node.client(), "profile", refresh.clone())).await;
        assert_refused(refused, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        let leave = LogoutRequest {
            refresh_token: tokens.refresh_token,
            ..LogoutRequest::default()
        };
        let left = narrowed(&node.client(), "profile", leave);
        ada.rpc.clone().logout(left).await.unwrap();
        ada.current().await.unwrap();
        let refused = ada.rpc.clone().logout(narrowed(&ada, "profile", LogoutRequest::default())).await;
        assert_refused(refused, Code::Unauthenticated, "TOKEN_INVALID");
        ada.rpc.clone().refresh(narrowed(&node.client(), "default", refresh)).await.unwrap();
    }
}
