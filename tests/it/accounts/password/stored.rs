//! What a stored hash is, and which are executed.

use accountd::accounts::password::{HashError, HashOptions, Pepper, Verdict};

use super::{cheap, password, peppered, pool};

const KEY: [u8; 32] = [7; 32];
const OTHER_KEY: [u8; 32] = [8; 32];

/// RFC 9106 in the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32`.
const REFERENCE: &str =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

#[tokio::test]
async fn a_hash_is_a_phc_string_that_its_password_fits() {
    let pool = pool(cheap());
    let phc = pool.hash(password("rahasia"), None).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{phc}");
    let parts: Vec<_> = phc.split('$').collect();
    assert_eq!(parts[4].len(), 22, "16 bytes of salt");
    assert_eq!(parts[5].len(), 43, "32 bytes of hash");
    let again = pool.hash(password("rahasia"), None).await.unwrap();
    assert_ne!(phc, again, "each hash has its own salt");

    for (text, verdict) in [
        ("rahasia", Verdict::Right),
        ("rahasib", Verdict::Wrong),
        ("Rahasia", Verdict::Wrong),
        ("rahasia ", Verdict::Wrong),
    ] {
        let found = pool.verify(password(text), phc.clone(), None).await;
        assert_eq!(found, Ok(verdict), "{text}");
    }
}

#[tokio::test]
async fn bi_02_the_decomposed_spelling_logs_in() {
    let pool = pool(cheap());
    let composed = password("p\u{e9}p\u{e9} \u{1f970}");
    let phc = pool.hash(composed, None).await.unwrap();
    let decomposed = password("pe\u{301}pe\u{301} \u{1f970}");
    assert_eq!(pool.verify(decomposed, phc, None).await, Ok(Verdict::Right));
}

#[tokio::test]
async fn bi_03_passwords_with_a_common_start_differ() {
    let pool = pool(cheap());
    for length in [72, 128, 512, 1023] {
        let start = "m".repeat(length);
        let phc = pool
            .hash(password(&format!("{start}a")), None)
            .await
            .unwrap();
        let other = password(&format!("{start}b"));
        assert_eq!(pool.verify(other, phc, None).await, Ok(Verdict::Wrong));
    }
}

#[tokio::test]
async fn hashes_of_the_reference_implementation_are_understood() {
    let options = HashOptions {
        max_memory_kib: 65_536,
        ..cheap()
    };
    let pool = pool(options);
    let verdict = pool.verify(password("password"), REFERENCE.to_owned(), None);
    // Its salt has half of our length.
    assert_eq!(verdict.await, Ok(Verdict::RightButWeak));
}

#[tokio::test]
async fn cheaper_hashes_are_right_but_weak() {
    let phc = pool(cheap()).hash(password("rahasia"), None).await.unwrap();
    for (memory_kib, passes, verdict) in [
        (64, 2, Verdict::Right),
        (32, 1, Verdict::Right),
        (65, 2, Verdict::RightButWeak),
        (64, 3, Verdict::RightButWeak),
    ] {
        let options = HashOptions {
            memory_kib,
            passes,
            ..cheap()
        };
        let found = pool(options)
            .verify(password("rahasia"), phc.clone(), None)
            .await;
        assert_eq!(found, Ok(verdict), "{memory_kib} KiB, {passes} passes");
    }
}

#[tokio::test]
async fn a_pepper_is_named_by_its_hashes_and_can_be_replaced() {
    let old = Pepper::none().with_current("k1", &KEY).unwrap();
    let phc = peppered(cheap(), old.clone())
        .hash(password("rahasia"), None)
        .await
        .unwrap();
    assert!(phc.contains(",keyid="), "{phc}");

    let new = Pepper::none()
        .with_older("k1", &KEY)
        .and_then(|pepper| pepper.with_current("k2", &OTHER_KEY))
        .unwrap();
    let wrong = Pepper::none().with_current("k1", &OTHER_KEY).unwrap();
    for (pepper, verdict) in [
        (old, Verdict::Right),
        (new.clone(), Verdict::RightButWeak),
        (wrong, Verdict::Wrong),
    ] {
        let pool = peppered(cheap(), pepper);
        let found = pool.verify(password("rahasia"), phc.clone(), None).await;
        assert_eq!(found, Ok(verdict));
    }
    let plain = pool(cheap());
    let found = plain.verify(password("rahasia"), phc, None).await;
    assert!(matches!(found, Err(HashError::Unusable(_))), "{found:?}");
    let unkeyed = plain.hash(password("rahasia"), None).await.unwrap();
    let keyed = peppered(cheap(), new);
    let found = keyed.verify(password("rahasia"), unkeyed, None).await;
    assert_eq!(found, Ok(Verdict::RightButWeak));
}

#[tokio::test]
async fn ov_01_unusual_costs_are_never_executed() {
    let pool = pool(cheap());
    let salt_and_hash = "$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for start in [
        "$argon2id$v=19$m=257,t=2,p=1",
        "$argon2id$v=19$m=64,t=5,p=1",
        "$argon2id$v=19$m=4294967295,t=1,p=1",
        "$argon2id$v=19$m=64,t=4294967295,p=1",
        "$argon2id$v=19$m=64,t=2,p=9",
        "$argon2id$v=19$m=64,t=0,p=1",
        "$argon2id$v=19$m=64,t=2,p=0",
        "$argon2id$v=19$m=64,t=2,p=1,data=AAAA",
        "$argon2id$v=19",
        "$argon2id$v=16$m=64,t=2,p=1",
        "$argon2id$m=64,t=2,p=1",
        "$argon2i$v=19$m=64,t=2,p=1",
        "$argon2d$v=19$m=64,t=2,p=1",
        "$2b$12",
    ] {
        let phc = format!("{start}{salt_and_hash}");
        let found = pool.verify(password("rahasia"), phc, None).await;
        assert!(
            matches!(found, Err(HashError::Unusable(_))),
            "{start}: {found:?}"
        );
    }
    for phc in [
        "",
        "rahasia",
        "$argon2id$v=19$m=64,t=2,p=1",
        "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ",
    ] {
        let found = pool.verify(password("rahasia"), phc.to_owned(), None).await;
        assert!(
            matches!(found, Err(HashError::Unusable(_))),
            "{phc}: {found:?}"
        );
    }
    let short = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaM";
    let long = format!("{REFERENCE}{}", "A".repeat(300));
    for phc in [short.to_owned(), long] {
        let found = pool.verify(password("rahasia"), phc, None).await;
        assert!(matches!(found, Err(HashError::Unusable(_))), "{found:?}");
    }
    assert_eq!(pool.tally().executed, 0);
}

#[test]
fn options_below_the_floor_are_refused() {
    let strong = HashOptions {
        allow_weak: false,
        ..HashOptions::default()
    };
    assert_eq!(strong.check(), Ok(()));
    for (memory_kib, passes, is_enough) in [
        (47_104, 1, true),
        (47_103, 1, false),
        (19_456, 2, true),
        (19_455, 2, false),
        (12_288, 3, true),
        (9_216, 4, true),
        (7_168, 5, true),
        (7_167, 5, false),
    ] {
        let options = HashOptions {
            memory_kib,
            passes,
            ..strong.clone()
        };
        assert_eq!(options.check().is_ok(), is_enough, "{memory_kib} {passes}");
    }
}

#[test]
fn options_that_cannot_work_are_refused() {
    let broken = [
        HashOptions {
            threads: 0,
            ..cheap()
        },
        HashOptions {
            threads: 65,
            ..cheap()
        },
        HashOptions {
            queue: 0,
            ..cheap()
        },
        HashOptions {
            queue: 10_001,
            ..cheap()
        },
        HashOptions {
            passes: 0,
            ..cheap()
        },
        HashOptions {
            lanes: 0,
            ..cheap()
        },
        HashOptions {
            lanes: 17,
            ..cheap()
        },
        HashOptions {
            memory_kib: 7,
            ..cheap()
        },
        HashOptions {
            lanes: 9,
            ..cheap()
        },
        HashOptions {
            max_memory_kib: 63,
            ..cheap()
        },
        HashOptions {
            max_passes: 1,
            ..cheap()
        },
    ];
    for options in broken {
        assert!(options.check().is_err(), "{options:?}");
    }
    assert_eq!(cheap().check(), Ok(()));
}

#[test]
fn peppers_without_strength_or_name_are_refused() {
    assert!(Pepper::none().with_current("k1", &[7; 31]).is_err());
    for id in ["", "123456789", "a b", "\u{e9}", "a$b"] {
        assert!(Pepper::none().with_current(id, &KEY).is_err(), "{id:?}");
    }
    let twice = Pepper::none()
        .with_older("k1", &KEY)
        .and_then(|pepper| pepper.with_current("k1", &OTHER_KEY));
    assert!(twice.is_err());
    let shown = format!("{:?}", Pepper::none().with_current("k1", &KEY).unwrap());
    assert!(!shown.contains('7'), "{shown}");
}
