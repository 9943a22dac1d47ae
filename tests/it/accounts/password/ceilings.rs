//! Which stored hashes are taken: none above a ceiling, and none that cannot be read.

use accountd::accounts::password::{HashError, HashOptions, HashPool, Scheme};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use proptest::prelude::*;

use super::{cheap, password, pool};
use crate::support::foreign_hashes::made;

const SALT: &str = "Z2FyYW0gZGFyaSBsYXV0IQ";
/// 32 bytes.
const HASH: &str = "dLvhrMq/8o243AawChuC5BNipv1WStv7ZPja6uSS7Sc";
const BCRYPT: &str = "abcdefghijklmnopqrstuuTY0W36cKKMVp.k0EQ9Pociv0.VwHAi6";

fn argon2(kind: &str, memory_kib: u64, passes: u64, lanes: u64) -> String {
    format!("${kind}$v=19$m={memory_kib},t={passes},p={lanes}${SALT}${HASH}")
}

fn bcrypt(cost: u64) -> String {
    format!("$2b${cost:02}${BCRYPT}")
}

fn scrypt(log_n: u64, r: u64, p: u64) -> String {
    format!("$scrypt$ln={log_n},r={r},p={p}${SALT}${HASH}")
}

fn base64(bytes: usize) -> String {
    STANDARD_NO_PAD.encode(vec![7; bytes])
}

/// A hash of so many bytes, in the forms of PHC and of passlib.
fn pbkdf2(digest: &str, iterations: u64, bytes: usize) -> [String; 2] {
    let hash = base64(bytes);
    [
        format!("$pbkdf2-{digest}$i={iterations},l={bytes}${SALT}${hash}"),
        format!("$pbkdf2-{digest}${iterations}${SALT}${hash}"),
    ]
}

fn django(iterations: u64) -> String {
    format!("pbkdf2_sha256${iterations}$seasaltseasalt${HASH}=")
}

async fn is_executed(pool: &HashPool, text: &str) -> bool {
    let before = pool.tally().executed;
    let found = pool.verify(password("rahasia"), text.to_owned(), None);
    let is_unusable = matches!(found.await, Err(HashError::Unusable(_)));
    let is_executed = pool.tally().executed > before;
    assert_eq!(is_executed, !is_unusable);
    assert_eq!(pool.check_stored(text).is_ok(), is_executed, "{text}");
    is_executed
}

#[tokio::test]
async fn ov_01_costs_of_foreign_hashes_end_at_their_ceilings() {
    // 256 KiB and 4 passes, bcrypt of cost 6, 5,000 iterations.
    let pool = pool(cheap());
    for at_the_ceiling in [
        argon2("argon2i", 256, 4, 32),
        argon2("argon2d", 256, 4, 1),
        bcrypt(6),
        scrypt(8, 8, 1),
        scrypt(1, 32, 32),
        scrypt(1, 1, 1),
        django(5_000),
        of_two_runs(2_500),
    ] {
        assert!(
            is_executed(&pool, &at_the_ceiling).await,
            "{at_the_ceiling}"
        );
    }
    for above in [
        argon2("argon2i", 257, 4, 1),
        argon2("argon2d", 256, 5, 1),
        bcrypt(7),
        bcrypt(31),
        bcrypt(99),
        scrypt(9, 8, 1),
        scrypt(8, 9, 1),
        scrypt(8, 8, 2),
        scrypt(1, 41, 25),
        scrypt(63, 1, 1),
        scrypt(64, 1, 1),
        scrypt(4_294_967_295, 4_294_967_295, 4_294_967_295),
        scrypt(1, 65_536, 65_536),
        django(5_001),
        django(4_294_967_295),
        django(18_446_744_073_709_551_615),
        of_two_runs(2_501),
    ] {
        assert!(!is_executed(&pool, &above).await, "{above}");
    }
}

/// 33 bytes of SHA-256 take each iteration twice.
fn of_two_runs(iterations: u64) -> String {
    let [phc, _] = pbkdf2("sha256", iterations, 33);
    phc
}

#[test]
fn ceilings_are_set_by_the_options() {
    let options = HashOptions {
        max_memory_kib: 65_536,
        max_bcrypt_cost: 20,
        max_pbkdf2_iterations: 600_000,
        ..cheap()
    };
    let pool = pool(options);
    for (text, scheme) in [
        (scrypt(16, 8, 1), Scheme::Scrypt),
        (bcrypt(20), Scheme::Bcrypt),
        (django(600_000), Scheme::Pbkdf2Sha256),
    ] {
        assert_eq!(pool.check_stored(&text), Ok(scheme));
    }
    for text in [scrypt(16, 8, 2), bcrypt(21), django(600_001)] {
        assert!(pool.check_stored(&text).is_err(), "{text}");
    }
}

#[test]
fn scrypt_has_bounds_that_no_option_raises() {
    let options = HashOptions {
        max_memory_kib: u32::MAX,
        ..cheap()
    };
    let pool = pool(options);
    for (log_n, r, p, is_taken) in [
        (30, 1, 1, true),
        (31, 1, 1, false),
        (1, 1024, 1, true),
        (1, 1025, 1, false),
        (1, 32, 32, true),
        (1, 41, 25, false),
    ] {
        let found = pool.check_stored(&scrypt(log_n, r, p));
        assert_eq!(found.is_ok(), is_taken, "{log_n} {r} {p}");
    }
}

#[test]
fn malformed_hashes_are_refused() {
    let pool = pool(cheap());
    let short = base64(7);
    let long = base64(65);
    for text in [
        String::new(),
        "$".to_owned(),
        "$$$$$$".to_owned(),
        "rahasia".to_owned(),
        // Other schemes, and other letters of bcrypt.
        "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr".to_owned(),
        "$1$deadbeef$0Huu6KHrKLVWfqa4WljDE0".to_owned(),
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO".to_owned(),
        "$7$CU..../....garam$4KVzGqGWz3mnOPzBvw5bkWGFqcCrtFQOSgYLGzGqGWz".to_owned(),
        format!("$2x$04${BCRYPT}"),
        format!("$2$04${BCRYPT}"),
        format!("2b$04${BCRYPT}"),
        argon2("argon2x", 64, 2, 1),
        format!("$argon2id$v=17$m=64,t=2,p=1${SALT}${HASH}"),
        format!("pbkdf2_md5$1000$seasaltseasalt${HASH}="),
        format!("$pbkdf2-sha384$1000${SALT}${HASH}"),
        // Too much, too little, and what is no plain number.
        bcrypt(3),
        format!("$2b$4${BCRYPT}"),
        format!("$2b$+4${BCRYPT}"),
        format!("$2b$004${BCRYPT}"),
        format!("$2b$04${BCRYPT}6"),
        format!("$2b$04${}", &BCRYPT[1..]),
        format!("$2b$04${}=", &BCRYPT[1..]),
        format!("$2b$04$\u{e9}{}", &BCRYPT[2..]),
        // The 22nd byte is in the middle of a letter.
        format!("$2b$04${}\u{e9}{}", &BCRYPT[..21], &BCRYPT[23..]),
        format!("$2b$04${BCRYPT}$"),
        scrypt(0, 8, 1),
        scrypt(4, 0, 1),
        scrypt(4, 8, 0),
        format!("$scrypt$ln=4,r=8${SALT}${HASH}"),
        format!("$scrypt$ln=4,r=8,p=1,p=1${SALT}${HASH}"),
        format!("$scrypt$ln=4,r=8,p=1,x=1${SALT}${HASH}"),
        format!("$scrypt$ln=4,r=+8,p=1${SALT}${HASH}"),
        format!("$scrypt$ln=4,r=08,p=1${SALT}${HASH}"),
        format!("$scrypt$ln=4,r=,p=1${SALT}${HASH}"),
        format!("$scrypt$ln=4,r=8,p=1${SALT}${HASH}="),
        format!("$scrypt$ln=4,r=8,p=1${SALT}"),
        format!("$scrypt$ln=4,r=8,p=1${SALT}${HASH}$"),
        format!("$scrypt$ln=4,r=8,p=1${short}${HASH}"),
        format!("$scrypt$ln=4,r=8,p=1${SALT}${long}"),
        format!("$pbkdf2-sha256$i=0${SALT}${HASH}"),
        format!("$pbkdf2-sha256$l=32${SALT}${HASH}"),
        format!("$pbkdf2-sha256$i=1000,l=31${SALT}${HASH}"),
        format!("$pbkdf2-sha256$0${SALT}${HASH}"),
        format!("$pbkdf2-sha256$-1${SALT}${HASH}"),
        "$pbkdf2-sha256$1000$$".to_owned(),
        format!("$pbkdf2-sha256$1000${SALT}${long}"),
        format!("$pbkdf2-sha256$1000${long}${HASH}"),
        format!("$pbkdf2-sha256$1000${SALT}${}", base64(15)),
        format!("pbkdf2_sha256$1000$garam${HASH}="),
        format!("pbkdf2_sha256$1000$seasaltseasalt${HASH}"),
        format!("pbkdf2_sha256$1000${}${HASH}=", "g".repeat(65)),
        format!("$pbkdf2_sha256$1000$seasaltseasalt${HASH}="),
        format!("pbkdf2-sha256$1000${SALT}${HASH}"),
    ] {
        assert!(pool.check_stored(&text).is_err(), "{text}");
    }
}

#[test]
fn lc_01_a_refused_hash_is_not_told() {
    let options = HashOptions {
        max_memory_kib: 64,
        max_passes: 2,
        max_bcrypt_cost: 4,
        max_pbkdf2_iterations: 1,
        ..cheap()
    };
    let pool = pool(options);
    let (taken, refused): (Vec<_>, Vec<_>) = made()
        .into_iter()
        .map(|(_, text)| (pool.check_stored(&text), text))
        .partition(|(found, _)| found.is_ok());
    assert_eq!(refused.len(), 10, "{taken:?}");
    for (found, text) in refused {
        let told = found.unwrap_err();
        for part in text.split('$').filter(|part| part.len() > 12) {
            assert!(!told.contains(part), "{told}");
        }
    }
}

/// Numbers near the ceilings, and any others.
fn cost(near: u64) -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..=near, 1 => Just(u64::from(u32::MAX)), 1 => any::<u64>()]
}

proptest! {
    #[test]
    fn ov_01_no_argon2_above_a_ceiling_is_taken(
        kind in prop_oneof![Just("argon2id"), Just("argon2i"), Just("argon2d")],
        memory in cost(300),
        passes in cost(6),
        lanes in cost(40),
    ) {
        let fits = (1..=4).contains(&passes)
            && (1..=32).contains(&lanes)
            && (8 * lanes..=256).contains(&memory);
        let found = pool(cheap()).check_stored(&argon2(kind, memory, passes, lanes));
        prop_assert_eq!(found.is_ok(), fits, "{:?}", found);
    }

    #[test]
    fn ov_01_no_bcrypt_above_a_ceiling_is_taken(cost in cost(40)) {
        let found = pool(cheap()).check_stored(&bcrypt(cost));
        prop_assert_eq!(found.is_ok(), (4..=6).contains(&cost), "{:?}", found);
    }

    #[test]
    fn ov_01_no_scrypt_above_a_ceiling_is_taken(
        log_n in cost(12),
        r in cost(20),
        p in cost(20),
    ) {
        let bytes = u32::try_from(log_n)
            .ok()
            .and_then(|log_n| 128_u128.checked_shl(log_n))
            .and_then(|bytes| bytes.checked_mul(u128::from(r)))
            .and_then(|bytes| bytes.checked_mul(u128::from(p)));
        let fits = log_n > 0 && r > 0 && p > 0 && bytes.is_some_and(|bytes| bytes <= 256 * 1024);
        let found = pool(cheap()).check_stored(&scrypt(log_n, r, p));
        prop_assert_eq!(found.is_ok(), fits, "{:?}", found);
    }

    #[test]
    fn ov_01_no_pbkdf2_above_a_ceiling_is_taken(
        (digest, digest_bytes) in prop_oneof![Just(("sha1", 20)), Just(("sha256", 32)), Just(("sha512", 64))],
        iterations in cost(6_000),
        bytes in 1_usize..=80,
    ) {
        let runs = bytes.div_ceil(digest_bytes) as u128;
        let fits = (16..=64).contains(&bytes)
            && (1..=5_000).contains(&(u128::from(iterations) * runs));
        let pool = pool(cheap());
        for text in pbkdf2(digest, iterations, bytes) {
            let found = pool.check_stored(&text);
            prop_assert_eq!(found.is_ok(), fits, "{:?}", found);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,80}", form in any::<prop::sample::Index>()) {
        let pool = pool(cheap());
        let _ = pool.check_stored(&text);
        let made = made();
        let (_, known) = form.get(&made);
        let start: String = known.chars().take(text.len()).collect();
        let _ = pool.check_stored(&(start + &text));
    }

    #[test]
    fn a_damaged_hash_is_read_without_a_panic(
        form in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        put in "[$,=0-9a-z./+\u{e9}]{0,6}",
        removed in 0_usize..8,
    ) {
        let made = made();
        let (_, known) = form.get(&made);
        let from = place.index(known.len());
        let to = (from + removed).min(known.len());
        let damaged = format!("{}{put}{}", &known[..from], &known[to..]);
        let pool = pool(cheap());
        if pool.check_stored(&damaged).is_ok() {
            // What is taken can also be computed.
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let found = runtime.block_on(pool.verify(password("rahasia"), damaged, None));
            prop_assert!(found.is_ok(), "{:?}", found);
            // 5,000 iterations of SHA-512 are the dearest of the ceilings.
            prop_assert!(pool.tally().kib_passes <= 10_000);
        }
    }
}
