use accountd::keys::Algorithm;
use proptest::prelude::*;
use serde_json::json;

use super::mint::{ALGORITHMS, Mint};

#[test]
fn tk_06_every_flipped_bit_counts() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let token = mint.token();
        for position in 0..token.len() {
            for bit in 0..8 {
                let mut changed = token.clone().into_bytes();
                changed[position] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(changed) {
                    mint.refuses(&changed);
                }
            }
        }
    }
}

#[test]
fn tk_06_cut_and_padded_tokens_are_refused() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let token = mint.token();
        for end in 0..token.len() {
            mint.refuses(&token[..end]);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            panic!("not three parts")
        };
        for extra in ["=", "==", " ", "\n", "\t", "\0", ".", "A", "%", "\u{feff}"] {
            mint.refuses(&format!("{extra}{token}"));
            mint.refuses(&format!("{token}{extra}"));
            mint.refuses(&format!("{header}{extra}.{claims}.{signature}"));
            mint.refuses(&format!("{header}.{claims}{extra}.{signature}"));
            mint.refuses(&format!("{header}.{extra}{claims}.{signature}"));
        }
        mint.refuses(&format!("{header}.{claims}.{claims}.{signature}"));
        mint.refuses(&format!("{header}..{claims}.{signature}"));
        mint.refuses(&format!("Bearer {token}"));
        mint.refuses(&token.replace('-', "+").replace('_', "/").replace('.', ","));
    }
}

#[test]
fn tk_06_a_member_said_twice_is_refused() {
    let mint = Mint::new(Algorithm::EdDsa);
    let (header, claims) = (mint.header().to_string(), mint.claims_text());
    let twice = |text: &str, member: &str| {
        let object: serde_json::Value = serde_json::from_str(text).unwrap();
        let again = json!(member).to_string();
        text.replacen('{', &format!("{{{again}:{},", object[member]), 1)
    };
    for member in ["alg", "kid", "typ"] {
        mint.refuses(&mint.forge(twice(&header, member), &claims));
    }
    for member in [
        "iss",
        "aud",
        "sub",
        "sid",
        "realm",
        "jti",
        "iat",
        "exp",
        "client_id",
        "gen",
    ] {
        mint.refuses(&mint.forge(&header, twice(&claims, member)));
    }
}

#[test]
fn tk_06_parts_that_are_no_plain_object_are_refused() {
    let mint = Mint::new(Algorithm::EdDsa);
    let (header, claims) = (mint.header(), serde_json::to_value(mint.claims()).unwrap());
    let values = |object: &serde_json::Value, order: &[&str]| {
        json!(
            order
                .iter()
                .map(|member| &object[*member])
                .collect::<Vec<_>>()
        )
        .to_string()
    };
    let as_array = values(&header, &["alg", "kid", "typ"]);
    mint.refuses(&mint.forge(as_array, claims.to_string()));
    let order = [
        "iss",
        "aud",
        "sub",
        "sid",
        "realm",
        "jti",
        "iat",
        "exp",
        "client_id",
        "gen",
    ];
    mint.refuses(&mint.forge(header.to_string(), values(&claims, &order)));

    for odd in [
        String::new(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        format!(" {claims}"),
        format!("\u{feff}{claims}"),
        format!("{claims}{claims}"),
        format!("{claims}x"),
        "[".repeat(2000),
        "{\"iss\":".repeat(300),
    ] {
        mint.refuses(&mint.forge(header.to_string(), odd));
    }
}

#[test]
fn tk_06_a_token_of_more_than_4_kib_is_not_looked_at() {
    let mint = Mint::new(Algorithm::EdDsa);
    let realm = |letters| mint.with_claim("realm", json!("x".repeat(letters)));
    let longest = (2000..4000)
        .find(|letters| realm(letters + 1).len() > 4096)
        .unwrap();
    mint.verify(&realm(longest)).unwrap();
    mint.refuses(&realm(longest + 1));
    mint.refuses(&"A".repeat(4 << 20));
}

proptest! {
    #[test]
    fn tk_06_garbage_is_no_token(text in any::<String>(), parts in "[A-Za-z0-9_-]{0,90}(\\.[A-Za-z0-9_-]{0,90}){0,4}") {
        let mint = Mint::new(Algorithm::EdDsa);
        mint.refuses(&text);
        mint.refuses(&parts);
    }

    #[test]
    fn tk_06_signed_garbage_is_no_token(header in any::<Vec<u8>>(), claims in any::<Vec<u8>>()) {
        let mint = Mint::new(Algorithm::EdDsa);
        mint.refuses(&mint.forge(&header, mint.claims_text()));
        mint.refuses(&mint.forge(mint.header().to_string(), &claims));
        mint.refuses(&mint.forge(&header, &claims));
    }
}
