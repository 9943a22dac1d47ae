//! TK-18: what a thief of the stores finds.

use std::fmt::Write as _;

use accountd::proto::{LoginRequest, login_request::Identifier};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::newcomer;
use crate::support::{
    client::PASSWORD,
    dump,
    service::{Node, on_both_engines, start},
};

/// The name of the call whose answer is kept.
const KEPT: &str = "7d0c2b5e-3c1d-4a59-8f43-0a4ce64c1f2e";

fn contains(dump: &[u8], part: &[u8]) -> bool {
    dump.windows(part.len()).any(|window| window == part)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that make a refresh token hard to guess.
fn secret_of(refresh_token: &str) -> Vec<u8> {
    let text = refresh_token.strip_prefix("rt_").unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    bytes[bytes.len() - 32..].to_vec()
}

/// All tokens of a life with a login, a refresh and an answer that is kept for a repeated call.
async fn all_tokens(node: &Node) -> Vec<String> {
    let stranger = node.client();
    let (_, first) = newcomer(&stranger, "ada").await;
    let second = stranger.refresh(&first.refresh_token).await.unwrap();
    let login = LoginRequest {
        identifier: Some(Identifier::Username(String::from("ada"))),
        password: PASSWORD.to_owned(),
        request_id: String::from(KEPT),
        ..LoginRequest::default()
    };
    let kept = stranger.rpc.clone().login(login).await.unwrap();
    let tokens = [first, second, kept.into_inner().tokens.unwrap()];
    let secrets = tokens.into_iter();
    secrets
        .flat_map(|pair| [pair.refresh_token, pair.access_token])
        .collect()
}

on_both_engines! {
    async fn tk_18_a_dump_of_the_stores_has_no_usable_token(engines) {
        let node = start(engines).await;
        let tokens = all_tokens(&node).await;
        let mut dump = dump::sql(&node).await;
        assert!(contains(&dump, b"ada@example.com"), "the dump has what is stored");
        assert!(contains(&dump, KEPT.as_bytes()), "the dump has the kept answer");
        dump.extend(dump::kv(&node.ground).await);
        assert!(!contains(&dump, PASSWORD.as_bytes()), "a password is stored");
        for token in tokens {
            assert!(!contains(&dump, token.as_bytes()), "a token is stored");
            if token.starts_with("rt_") {
                let secret = secret_of(&token);
                assert!(!contains(&dump, &secret), "what makes a token is stored");
                assert!(!contains(&dump, hex(&secret).as_bytes()), "what makes a token is stored");
            }
        }
    }
}
