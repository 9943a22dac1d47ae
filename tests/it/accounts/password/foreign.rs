//! Hashes that other systems wrote: each form is verified, and is to be replaced.

use accountd::accounts::password::{HashOptions, Scheme, Verdict};

use super::{cheap, password, pool};
use crate::support::foreign_hashes::{LONG, PASSWORD, made};

/// What documents say: the scheme, the password and the hash.
const PUBLISHED: [(Scheme, &str, &str); 10] = [
    // The tests of the reference implementation of argon2 (src/test.c).
    (
        Scheme::Argon2id,
        "password",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ),
    (
        Scheme::Argon2i,
        "password",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
    ),
    (
        Scheme::Argon2i,
        "password",
        "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
    ),
    (
        Scheme::Argon2i,
        "password",
        "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
    ),
    // The tests of jBCrypt (TestBCrypt.java).
    (
        Scheme::Bcrypt,
        "a",
        "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
    ),
    (
        Scheme::Bcrypt,
        "abc",
        "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
    ),
    (
        Scheme::Bcrypt,
        "abcdefghijklmnopqrstuvwxyz",
        "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC",
    ),
    (
        Scheme::Bcrypt,
        "~!@#$%^&*()      ~!@#$%^&*()PNBFRD",
        "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO",
    ),
    // RFC 7914, 12, the third: N = 16384, r = 8, p = 1.
    (
        Scheme::Scrypt,
        "pleaseletmein",
        "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
    ),
    // RFC 6070, the fifth: 25 bytes, which are computed in two runs.
    (
        Scheme::Pbkdf2Sha1,
        "passwordPASSWORDpassword",
        "$pbkdf2-sha1$i=4096,l=25$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$PS7sT+QchJuAyNg2YsDkSospGpZM8vBwOA",
    ),
];

/// Bounds that hold what documents take for examples.
fn wide() -> HashOptions {
    HashOptions {
        max_memory_kib: 65_536,
        max_pbkdf2_iterations: 10_000,
        ..cheap()
    }
}

#[tokio::test]
async fn hashes_of_other_systems_are_verified_and_to_be_replaced() {
    let pool = pool(wide());
    let published = PUBLISHED.map(|(scheme, known, text)| (scheme, known, text.to_owned()));
    let made = made();
    let made = made
        .into_iter()
        .map(|(scheme, text)| (scheme, PASSWORD, text));
    for (scheme, known, text) in published.into_iter().chain(made) {
        assert_eq!(pool.check_stored(&text), Ok(scheme), "{text}");
        for (presented, verdict) in [
            (known.to_owned(), Verdict::RightButWeak),
            (format!("{known}r"), Verdict::Wrong),
            (known.to_uppercase() + "!", Verdict::Wrong),
        ] {
            let found = pool.verify(password(&presented), text.clone(), None).await;
            assert_eq!(found, Ok(verdict), "{presented}: {text}");
        }
    }
    assert_eq!(pool.tally().executed, 30 * 3);
}

#[tokio::test]
async fn bcrypt_looks_at_72_bytes_as_it_does_everywhere() {
    let pool = pool(cheap());
    for (count, rest, verdict) in [
        (72, " and more", Verdict::RightButWeak),
        (72, "", Verdict::RightButWeak),
        (71, "", Verdict::Wrong),
        (71, "n", Verdict::Wrong),
    ] {
        let presented = password(&("m".repeat(count) + rest));
        let found = pool.verify(presented, LONG.to_owned(), None).await;
        assert_eq!(found, Ok(verdict), "{count} {rest:?}");
    }
}

#[tokio::test]
async fn argon2_of_every_kind_uses_the_memory_of_its_thread() {
    let pool = pool(cheap());
    for (scheme, text) in made() {
        if text.starts_with("$argon2") {
            let found = pool.verify(password(PASSWORD), text, None).await;
            assert_eq!(found, Ok(Verdict::RightButWeak), "{scheme}");
        }
    }
    assert_eq!((pool.tally().executed, pool.tally().allocations), (6, 1));
    assert_eq!(pool.tally().kib_passes, 6 * 64 * 2);
}

#[test]
fn schemes_have_their_usual_names() {
    let pool = pool(wide());
    let mut names: Vec<String> = made()
        .iter()
        .map(|(_, text)| pool.check_stored(text).unwrap().to_string())
        .collect();
    names.dedup();
    let expected = "argon2id argon2i argon2d bcrypt scrypt pbkdf2-sha1 pbkdf2-sha256 pbkdf2-sha512";
    assert_eq!(names.join(" "), expected);
}
