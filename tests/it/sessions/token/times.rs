use std::time::Duration;

use accountd::{
    backend::Timestamp,
    keys::Algorithm,
    sessions::{
        refresh_token::{RefreshToken, issue},
        token::{Claims, TokenFault, sign},
    },
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::mint::{ALGORITHMS, LIFETIME, Mint};
use crate::support::key_directory::KeyDirectory;

fn with_times(mint: &Mint, iat: i64, exp: i64) -> String {
    let claims = Claims {
        iat,
        exp,
        ..mint.claims()
    };
    sign(&mint.keys, &claims).unwrap()
}

#[test]
fn tk_04_a_token_ends_on_the_second() {
    let mint = Mint::new(Algorithm::EdDsa);
    let token = mint.token();
    mint.directory.clock.advance(Duration::from_millis(899_999));
    mint.verify(&token).unwrap();
    mint.directory.clock.advance(Duration::from_millis(1));
    assert_eq!(mint.verify(&token), Err(TokenFault::Expired));
    mint.directory.clock.advance(Duration::from_hours(24 * 365));
    assert_eq!(mint.verify(&token), Err(TokenFault::Expired));
}

#[test]
fn tk_04_a_token_of_the_future_or_beyond_policy_is_refused() {
    let mint = Mint::new(Algorithm::EdDsa);
    let now = mint.now();
    mint.verify(&with_times(&mint, now + 60, now + 60 + LIFETIME))
        .unwrap();
    mint.refuses(&with_times(&mint, now + 61, now + 61 + LIFETIME));
    mint.refuses(&with_times(&mint, now, now + LIFETIME + 1));
    mint.refuses(&with_times(&mint, now, now));
    mint.refuses(&with_times(&mint, now, now - 1));
    mint.refuses(&with_times(&mint, now, i64::MAX));
    mint.refuses(&with_times(&mint, i64::MIN, i64::MAX));
    mint.refuses(&with_times(&mint, i64::MIN, i64::MIN + LIFETIME));
    mint.refuses(&with_times(&mint, -1, LIFETIME - 1));
    mint.refuses(&with_times(&mint, i64::MAX, i64::MIN));
    // Nothing is told of the age of a token that never was one.
    mint.refuses(&with_times(&mint, now - LIFETIME - 2, now - 1));
}

#[test]
fn tk_04_every_claim_is_required_and_of_its_type() {
    let mint = Mint::new(Algorithm::EdDsa);
    let genuine = serde_json::to_value(mint.claims()).unwrap();
    for (member, value) in genuine.as_object().unwrap() {
        let mut claims = genuine.clone();
        claims.as_object_mut().unwrap().remove(member);
        mint.refuses(&mint.forge(mint.header().to_string(), claims.to_string()));

        let other_type = match value {
            Value::String(_) => json!(1),
            number => json!(number.to_string()),
        };
        for wrong in [
            json!(null),
            json!(true),
            json!([value]),
            json!({}),
            json!(1.5),
            json!(-1),
            other_type,
        ] {
            mint.refuses(&mint.with_claim(member, wrong));
        }
    }
}

#[test]
fn tk_04_numbers_are_whole_and_fit() {
    let mint = Mint::new(Algorithm::EdDsa);
    for member in ["iat", "exp", "gen"] {
        let claims = serde_json::to_value(mint.claims()).unwrap();
        let genuine = format!("\"{member}\":{}", claims[member]);
        for number in [
            format!("{}.0", claims[member]),
            format!("{}e0", claims[member]),
            "18446744073709551615".into(),
            "9223372036854775808".into(),
            "1e400".into(),
            "NaN".into(),
            "01".into(),
            "+1".into(),
        ] {
            let changed = claims
                .to_string()
                .replace(&genuine, &format!("\"{member}\":{number}"));
            assert_ne!(changed, claims.to_string());
            mint.refuses(&mint.forge(mint.header().to_string(), changed));
        }
    }
}

#[test]
fn tk_04_a_claim_that_could_narrow_the_token_is_refused() {
    let mint = Mint::new(Algorithm::EdDsa);
    for (member, value) in [
        ("nbf", json!(mint.now() + 3600)),
        ("nbf", json!(0)),
        ("cnf", json!({"jkt": "x"})),
        ("scope", json!("read")),
    ] {
        mint.refuses(&mint.with_claim(member, value));
    }
}

#[test]
fn tk_04_ids_are_canonical() {
    let mint = Mint::new(Algorithm::EdDsa);
    let id = mint.claims().sub;
    for member in ["sub", "sid", "jti"] {
        mint.verify(&mint.with_claim(member, json!(id.to_string())))
            .unwrap();
        for spelling in [
            id.to_string().to_uppercase(),
            id.simple().to_string(),
            id.braced().to_string(),
            id.urn().to_string(),
            format!("{id} "),
            String::new(),
        ] {
            mint.refuses(&mint.with_claim(member, json!(spelling)));
        }
    }
}

#[test]
fn tk_05_other_tokens_of_ours_are_no_access_tokens() {
    let mint = Mint::new(Algorithm::EdDsa);
    let secret = mint.keys.secret_id();
    let refresh = issue(&mint.keys, &secret, mint.claims().sid, 3, &[7; 32]).unwrap();
    let code = mint.keys.code(&secret, &[b"nonce"], 6).unwrap();
    mint.refuses(refresh.expose_secret());
    mint.refuses(&code);
    mint.refuses(&mint.claims().sid.to_string());
    for typ in [
        "JWT",
        "jwt",
        "rt+jwt",
        "AT+JWT",
        "application/at+jwt",
        "at+jwt ",
        "",
    ] {
        mint.refuses(&mint.with_header("typ", json!(typ)));
    }

    for other in [mint.token(), code, mint.claims().sid.to_string()] {
        assert!(RefreshToken::parse(&other).is_none());
        assert!(RefreshToken::parse(&format!("rt_{other}")).is_none());
    }
}

#[test]
fn px_12_tokens_live_and_end_in_2038_and_2100() {
    for algorithm in ALGORITHMS {
        for seconds in [2_147_558_400, 4_107_542_400] {
            let now = Timestamp::from_millis(seconds * 1000);
            let mint = Mint::of(KeyDirectory::at(now, algorithm));
            let token = mint.token();
            assert_eq!(mint.verify(&token).unwrap().iat, seconds);
            mint.directory.clock.advance(Duration::from_mins(15));
            assert_eq!(mint.verify(&token), Err(TokenFault::Expired));
        }
    }
}
