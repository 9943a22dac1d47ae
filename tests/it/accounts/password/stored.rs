//! What a stored hash is, and which are executed.

use accountd::{
    accounts::password::{HashError, HashOptions, HashPool, Pepper, Verdict},
    keys,
};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::{cheap, password, peppered, pool};
use crate::support::key_directory::{ACTIVATION_DELAY, KeyDirectory, START};

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
async fn a_shorter_hash_is_right_but_weak() {
    let options = cheap();
    let short = Params::new(options.memory_kib, options.passes, options.lanes, Some(16)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, short);
    let mut hash = [0; 16];
    argon2
        .hash_password_into(b"rahasia", b"somesaltsomesalt", &mut hash)
        .unwrap();
    let hash = STANDARD_NO_PAD.encode(hash);
    let phc = format!("$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA${hash}");
    let found = pool(options).verify(password("rahasia"), phc, None).await;
    assert_eq!(found, Ok(Verdict::RightButWeak));
}

#[test]
fn a_pool_prints_its_options_alone() {
    let text = format!("{:?}", pool(cheap()));
    assert_eq!(text, format!("HashPool {{ options: {:?}, .. }}", cheap()));
}

#[tokio::test]
async fn a_pepper_is_named_by_its_hashes_and_outlives_a_rotation() {
    let directory = KeyDirectory::new(keys::Algorithm::EdDsa);
    let keys = directory.load();
    let keyed = peppered(cheap(), Pepper::new(keys.clone(), true));
    let phc = keyed.hash(password("rahasia"), None).await.unwrap();
    assert!(phc.contains(",keyid="), "{phc}");
    let verify = async |pool: &HashPool, text: &str| {
        let result = pool.verify(password(text), phc.clone(), None).await;
        result.map_err(|error| matches!(error, HashError::Unusable(_)))
    };
    assert_eq!(verify(&keyed, "rahasia").await, Ok(Verdict::Right));
    assert_eq!(verify(&keyed, "rahasib").await, Ok(Verdict::Wrong));

    directory.rotate();
    directory.clock.advance(ACTIVATION_DELAY * 2);
    assert!(keys.reload().unwrap());
    let weak = Ok(Verdict::RightButWeak);
    assert_eq!(verify(&keyed, "rahasia").await, weak);
    let switched_off = peppered(cheap(), Pepper::new(keys.clone(), false));
    assert_eq!(verify(&switched_off, "rahasia").await, weak);

    let stranger = KeyDirectory::at(START + ACTIVATION_DELAY, keys::Algorithm::EdDsa).load();
    let elsewhere = peppered(cheap(), Pepper::new(stranger, true));
    for pool in [elsewhere, pool(cheap())] {
        assert_eq!(verify(&pool, "rahasia").await, Err(true));
        assert_eq!(pool.tally().executed, 0);
    }
}

#[tokio::test]
async fn a_hash_without_pepper_is_weak_once_there_is_one() {
    let phc = pool(cheap()).hash(password("rahasia"), None).await.unwrap();
    let keys = KeyDirectory::new(keys::Algorithm::EdDsa).load();
    let keyed = peppered(cheap(), Pepper::new(keys, true));
    let found = keyed.verify(password("rahasia"), phc, None).await;
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
        "$argon2id$v=17$m=64,t=2,p=1",
        "$argon2id$v=4294967295$m=64,t=2,p=1",
        "$argon2x$v=19$m=64,t=2,p=1",
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

#[tokio::test]
async fn costs_at_the_bounds_are_executed() {
    let pool = pool(cheap());
    let hash = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    for (costs, hash) in [
        ("m=256,t=2,p=1", hash),
        ("m=64,t=4,p=1", hash),
        // 16 bytes.
        ("m=64,t=2,p=1", "CTFhFdXPJO1aFaMaO6Mm5Q"),
    ] {
        let phc = format!("$argon2id$v=19${costs}$c29tZXNhbHRzb21lc2FsdA${hash}");
        let found = pool.verify(password("rahasia"), phc, None).await;
        assert_eq!(found, Ok(Verdict::Wrong), "{costs}");
    }
    // 15 bytes.
    let phc = format!(
        "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA${}",
        &hash[..20]
    );
    let found = pool.verify(password("rahasia"), phc, None).await;
    assert!(matches!(found, Err(HashError::Unusable(_))), "{found:?}");
    assert_eq!(pool.tally().executed, 3);
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
        (12_287, 3, false),
        (9_216, 4, true),
        (9_215, 4, false),
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
        HashOptions {
            max_bcrypt_cost: 3,
            ..cheap()
        },
        HashOptions {
            max_bcrypt_cost: 21,
            ..cheap()
        },
        HashOptions {
            max_pbkdf2_iterations: 0,
            ..cheap()
        },
    ];
    for options in broken {
        assert!(options.check().is_err(), "{options:?}");
    }
    assert_eq!(cheap().check(), Ok(()));
    let at_the_bounds = HashOptions {
        threads: 64,
        queue: 10_000,
        memory_kib: 8 * 16,
        passes: 1,
        lanes: 16,
        max_memory_kib: 8 * 16,
        max_passes: 1,
        max_bcrypt_cost: 20,
        max_pbkdf2_iterations: 1,
        ..cheap()
    };
    assert_eq!(at_the_bounds.check(), Ok(()));
}
