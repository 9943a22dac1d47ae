//! What an access token says of its time.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// In seconds since 1970.
#[derive(Debug)]
pub(super) struct Times {
    pub(super) issued_at: i64,
    pub(super) ends_at: i64,
}

/// What a token says, whose signature is nobody's business here.
pub(super) fn times(token: &str) -> Times {
    let claims = token.split('.').nth(1).expect("a JWT");
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let second = |name: &str| claims[name].as_i64().expect("a time");
    Times {
        issued_at: second("iat"),
        ends_at: second("exp"),
    }
}
