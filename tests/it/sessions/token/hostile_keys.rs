use accountd::{
    keys::Algorithm,
    sessions::token::{TokenFault, Verified, sign},
};
use serde_json::json;

use super::mint::{ALGORITHMS, Mint};
use crate::support::key_directory::{ACTIVATION_DELAY, KEEP, KeyDirectory};

#[test]
fn tk_03_a_kid_is_the_name_of_a_key_in_memory_or_nothing() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let kid = mint.keys.signing().id().to_string();
        let file = mint.directory.signing_file();
        for hostile in [
            json!(""),
            json!("20261121T021500Z-0000"),
            json!(kid.to_uppercase()),
            json!(format!("{kid}\0")),
            json!(format!("{kid}.pem")),
            json!(format!("./{kid}")),
            json!(file.to_str().unwrap()),
            json!("../../../../dev/null"),
            json!("https://attacker.example/key.pem"),
            json!("' OR 1=1 --"),
            json!("x".repeat(10_000)),
            json!([kid]),
            json!({ "id": kid }),
            json!(null),
            json!(1),
        ] {
            mint.refuses(&mint.with_header("kid", hostile));
        }
    }
}

#[test]
fn tk_03_a_header_that_names_its_own_key_is_refused() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        for (member, value) in [
            ("jku", json!("https://attacker.example/jwks")),
            ("x5u", json!("https://attacker.example/cert")),
            ("jwk", jwk),
            ("x5c", json!(["MIIB"])),
            ("x5t", json!("AAAA")),
            ("crit", json!(["exp"])),
            ("crit", json!([])),
            ("b64", json!(false)),
            ("cty", json!("JWT")),
            ("anything", json!(null)),
        ] {
            mint.refuses(&mint.with_header(member, value));
        }
    }
}

#[test]
fn tk_03_a_header_without_one_of_its_members_is_refused() {
    let mint = Mint::new(Algorithm::EdDsa);
    for member in ["alg", "kid", "typ"] {
        let mut header = mint.header();
        header.as_object_mut().unwrap().remove(member);
        mint.refuses(&mint.forge(header.to_string(), mint.claims_text()));
    }
}

#[test]
fn tk_03_the_algorithm_is_that_of_the_key() {
    for algorithm in ALGORITHMS {
        let mint = Mint::new(algorithm);
        for alg in [
            "EdDSA", "ES256", "eddsa", "es256", "ES384", "RS256", "HS256", "Ed25519",
        ] {
            let token = mint.with_header("alg", json!(alg));
            assert_eq!(mint.verify(&token).is_ok(), alg == algorithm.name());
        }
    }
}

#[test]
fn tk_16_no_token_is_refused_while_keys_overlap() {
    let mut directory = KeyDirectory::new(Algorithm::EdDsa);
    directory.rotation.algorithm = Algorithm::Es256;
    let mint = Mint::of(directory);
    let slow_node = mint.directory.load();

    mint.directory.rotate();
    assert!(mint.keys.reload().unwrap());
    let waiting = mint.token();
    let expected = &mint.expected;
    let now = || mint.directory.clock.now();
    let verified = Verified::default();
    let by_slow_node = |token: &str| {
        verified
            .claims(&slow_node, token, expected, now())
            .map(drop)
    };
    by_slow_node(&waiting).unwrap();

    // By the end of the delay the slow node has read the directory as well.
    mint.directory.clock.advance(ACTIVATION_DELAY);
    let new = mint.token();
    assert_eq!(by_slow_node(&new), Err(TokenFault::Invalid));
    slow_node.reload().unwrap();
    by_slow_node(&new).unwrap();
    by_slow_node(&waiting).unwrap();
    mint.verify(&waiting).unwrap();
}

#[test]
fn tk_16_a_token_of_a_retired_key_is_refused() {
    let mint = Mint::new(Algorithm::EdDsa);
    let old = mint.keys.signing().id().clone();
    mint.directory.rotate();
    mint.directory.clock.advance(ACTIVATION_DELAY + KEEP);
    // Signed by whoever took a copy of the old key.
    let token = sign(&mint.keys, &mint.claims()).unwrap();
    mint.verify(&token).unwrap();
    assert_eq!(mint.directory.rotate().removed, [old]);
    mint.keys.reload().unwrap();
    mint.refuses(&token);
}
