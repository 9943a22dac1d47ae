//! Which access tokens are taken.

use accountd::sessions::token::{Claims, sign};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tonic::Code;

use super::newcomer;
use crate::support::{
    client::assert_refused,
    service::{on_both_engines, start},
};

fn claims(token: &str) -> Claims {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Every way to write `token` with one character changed in its lowest bit.
fn flipped(token: &str) -> impl Iterator<Item = String> {
    (0..token.len()).map(|at| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] ^= 1;
        String::from_utf8(bytes).unwrap()
    })
}

on_both_engines! {
    async fn tk_04_times_beyond_the_policy_are_refused(engines) {
        let node = start(engines).await;
        let (_, tokens) = newcomer(&node.client(), "ada").await;
        let genuine = claims(&tokens.access_token);
        let present = async |claims: &Claims| {
            let token = sign(&node.app.keys, claims).unwrap();
            node.client().with(&token).current().await
        };
        present(&genuine).await.unwrap();
        let longest = i64::try_from(node.app.policy.load().tokens.max_lifetime.as_secs()).unwrap();
        for (iat, exp) in [
            (genuine.iat + 61, genuine.iat + 120),
            (genuine.iat, genuine.iat + longest + 1),
            (genuine.iat, i64::MAX),
            (-1, genuine.exp),
        ] {
            let forged = Claims { iat, exp, ..genuine.clone() };
            assert_refused(present(&forged).await, Code::Unauthenticated, "TOKEN_INVALID");
        }
        let over = Claims { iat: genuine.iat - 60, exp: genuine.iat, ..genuine.clone() };
        assert_refused(present(&over).await, Code::Unauthenticated, "TOKEN_EXPIRED");
    }

    async fn tk_05_one_kind_of_secret_is_no_other(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let registered = stranger.register(stranger.registration("ada")).await.unwrap();
        let account = registered.account.unwrap();
        let code = stranger.code_for("ada@example.com").await;
        let tokens = stranger.activate(&account.id, &code).await.unwrap().tokens.unwrap();
        let challenge = registered.challenge.unwrap().id;
        let others = [&code, &challenge, &account.id, &tokens.session_id];

        for text in others.into_iter().chain([&tokens.refresh_token]) {
            let answer = stranger.with(text).current().await;
            assert_refused(answer, Code::Unauthenticated, "TOKEN_INVALID");
        }
        for text in others.into_iter().chain([&tokens.access_token]) {
            let Err(refused) = stranger.refresh(text).await else {
                panic!("refreshed with {text}");
            };
            // A text longer than any refresh token is refused by its length.
            assert!([Code::Unauthenticated, Code::InvalidArgument].contains(&refused.code()));
        }
        stranger.with(&tokens.access_token).current().await.unwrap();
        stranger.refresh(&tokens.refresh_token).await.unwrap();
    }

    async fn tk_06_no_other_spelling_of_a_token_is_taken(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (ada, tokens) = newcomer(&stranger, "ada").await;
        let token = &tokens.access_token;
        let spelt = [
            token[..token.len() - 1].to_owned(),
            format!("{token}="),
            format!("{token}."),
            format!(" {token}"),
            format!("\t{token}"),
            token.replacen('.', "..", 1),
        ];
        for text in flipped(token).step_by(5).chain(spelt) {
            let answer = stranger.with(&text).current().await;
            assert_refused(answer, Code::Unauthenticated, "TOKEN_INVALID");
        }
        let token = &tokens.refresh_token;
        for text in flipped(token).step_by(3).chain([token[..token.len() - 1].to_owned()]) {
            let answer = stranger.refresh(&text).await;
            assert_refused(answer, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        }
        // Nothing of this counted as the reuse of a token.
        ada.current().await.unwrap();
        stranger.refresh(token).await.unwrap();
    }

    async fn a_token_that_names_another_account_or_realm_opens_nothing(engines) {
        let node = start(engines).await;
        let (_, tokens) = newcomer(&node.client(), "ada").await;
        let (_, other) = newcomer(&node.client(), "eve").await;
        let genuine = claims(&tokens.access_token);
        let elsewhere = String::from("profile");
        for (forged, reason) in [
            (Claims { sub: claims(&other.access_token).sub, ..genuine.clone() }, "TOKEN_REVOKED"),
            (Claims { realm: elsewhere, ..genuine.clone() }, "TOKEN_REVOKED"),
            (Claims { realm: String::from("nowhere"), ..genuine.clone() }, "TOKEN_INVALID"),
        ] {
            let token = sign(&node.app.keys, &forged).unwrap();
            let answer = node.client().with(&token).current().await;
            assert_refused(answer, Code::Unauthenticated, reason);
        }
        node.client().with(&tokens.access_token).current().await.unwrap();
    }
}
