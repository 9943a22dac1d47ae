use accountd::{
    keys::{Algorithm, Keys},
    sessions::refresh_token::{RefreshToken, issue, nonce},
};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::support::key_directory::{ACTIVATION_DELAY, KeyDirectory};

const SESSION: Uuid = Uuid::from_u128(0x0193_4b3c_8a5e_7f10_a2b4_c6d8_e0f2_1436);
const NONCE: [u8; 32] = [7; 32];

fn keys() -> (KeyDirectory, Keys) {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    (directory, keys)
}

fn token(keys: &Keys, generation: u32) -> String {
    let token = issue(keys, &keys.secret_id(), SESSION, generation, &NONCE).unwrap();
    token.expose_secret().to_owned()
}

#[test]
fn a_token_tells_its_session_and_generation() {
    let (_directory, keys) = keys();
    for generation in [0, 1, 258, u32::MAX] {
        let text = token(&keys, generation);
        assert_eq!(text.len(), 73);
        let token = RefreshToken::parse(&text).unwrap();
        assert_eq!(token.session, SESSION);
        assert_eq!(token.generation, generation);
        assert!(token.is_genuine(&keys, &keys.secret_id(), &NONCE));
    }
}

#[test]
fn a_stored_nonce_has_32_bytes_or_is_none() {
    assert_eq!(nonce(&NONCE), Some(&NONCE));
    for length in [0, 31, 33] {
        assert_eq!(nonce(&vec![7; length]), None);
    }
}

#[test]
fn tk_10_a_successor_can_be_handed_out_again() {
    let (directory, keys) = keys();
    let (first, secret) = (token(&keys, 1), keys.secret_id());
    directory.rotate();
    keys.reload().unwrap();
    directory.clock.advance(ACTIVATION_DELAY);
    assert_ne!(keys.secret_id(), secret);
    let again = issue(&keys, &secret, SESSION, 1, &NONCE).unwrap();
    assert_eq!(again.expose_secret(), first);
}

#[test]
fn tk_18_what_sql_holds_makes_no_token() {
    let (_directory, keys) = keys();
    let other = KeyDirectory::new(Algorithm::EdDsa);
    std::fs::remove_file(other.secret_file()).unwrap();
    other.generate_missing();
    let other = other.load();
    let forged = RefreshToken::parse(&token(&other, 0)).unwrap();
    assert!(!forged.is_genuine(&keys, &keys.secret_id(), &NONCE));
    assert!(!forged.is_genuine(&keys, &other.secret_id(), &NONCE));
    assert!(issue(&keys, &other.secret_id(), SESSION, 0, &NONCE).is_none());
}

#[test]
fn a_token_is_of_one_session_generation_and_nonce() {
    let (_directory, keys) = keys();
    let secret = keys.secret_id();
    let mut other_nonce = NONCE;
    other_nonce[31] ^= 1;
    let genuine = RefreshToken::parse(&token(&keys, 3)).unwrap();
    assert!(!genuine.is_genuine(&keys, &secret, &other_nonce));

    let mut later = RefreshToken::parse(&token(&keys, 3)).unwrap();
    later.generation += 1;
    assert!(!later.is_genuine(&keys, &secret, &NONCE));

    let mut elsewhere = RefreshToken::parse(&token(&keys, 3)).unwrap();
    elsewhere.session = Uuid::from_u128(1);
    assert!(!elsewhere.is_genuine(&keys, &secret, &NONCE));
}

#[test]
fn tk_06_every_flipped_bit_counts() {
    let (_directory, keys) = keys();
    let (text, secret) = (token(&keys, 3), keys.secret_id());
    let refused = |text: &str| {
        RefreshToken::parse(text).is_none_or(|token| !token.is_genuine(&keys, &secret, &NONCE))
    };
    for position in 0..text.len() {
        for bit in 0..8 {
            let mut changed = text.clone().into_bytes();
            changed[position] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(changed) {
                assert!(refused(&changed), "{changed}");
            }
        }
        assert!(RefreshToken::parse(&text[..position]).is_none());
    }
    for padded in [
        format!("{text}="),
        format!("{text}=="),
        format!("{text}A"),
        format!("{text}\n"),
        format!(" {text}"),
        text.replace("rt_", "RT_"),
        text.replace("rt_", ""),
    ] {
        assert!(RefreshToken::parse(&padded).is_none(), "{padded}");
    }
}

#[test]
fn lc_01_a_token_does_not_print_its_secret() {
    let (_directory, keys) = keys();
    let text = token(&keys, 0);
    let issued = issue(&keys, &keys.secret_id(), SESSION, 0, &NONCE).unwrap();
    assert!(!format!("{issued:?}").contains(&text));
    let printed = format!("{:?}", RefreshToken::parse(&text).unwrap());
    assert!(printed.contains(&SESSION.to_string()));
    assert!(!printed.contains("mac"), "{printed}");
}

proptest! {
    #[test]
    fn tk_06_garbage_is_no_refresh_token(text in any::<String>(), tail in "[A-Za-z0-9_-]{70}") {
        prop_assert!(RefreshToken::parse(&text).is_none());
        let (_directory, keys) = keys();
        if let Some(token) = RefreshToken::parse(&format!("rt_{tail}")) {
            prop_assert!(!token.is_genuine(&keys, &keys.secret_id(), &NONCE));
        }
    }
}
