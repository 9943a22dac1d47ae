use accountd::keys::{Algorithm, Keys};

use crate::support::key_directory::KeyDirectory;

const CODES: u32 = 1_000_000;

/// The χ² that 1000 uniform cells exceed once in a hundred times (999 degrees of freedom).
const CRITICAL: f64 = 1105.9;

fn keys() -> (KeyDirectory, Keys) {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    (directory, keys)
}

fn chi_square(cells: &[u32]) -> f64 {
    let expected = f64::from(cells.iter().sum::<u32>()) / 1000.0;
    cells
        .iter()
        .map(|&count| (f64::from(count) - expected).powi(2) / expected)
        .sum()
}

#[test]
fn ot_14_a_million_codes_are_uniform() {
    let (_directory, keys) = keys();
    let secret = keys.secret_id();
    let (mut heads, mut tails) = (vec![0_u32; 1000], vec![0_u32; 1000]);
    let mut begin_with_zero = 0_u32;
    for nonce in 0..CODES {
        let code = keys
            .code(&secret, &[&nonce.to_be_bytes(), b"log in"], 6)
            .unwrap();
        let (head, tail) = code.split_at(3);
        heads[head.parse::<usize>().unwrap()] += 1;
        tails[tail.parse::<usize>().unwrap()] += 1;
        begin_with_zero += u32::from(head.starts_with('0'));
    }
    let (heads, tails) = (chi_square(&heads), chi_square(&tails));
    assert!(heads < CRITICAL, "χ² of the first three digits: {heads}");
    assert!(tails < CRITICAL, "χ² of the last three digits: {tails}");
    // One in ten, within four standard deviations of 300.
    assert!(
        begin_with_zero.abs_diff(CODES / 10) < 1200,
        "{begin_with_zero}"
    );
}

#[test]
fn ot_15_a_code_depends_on_a_key_that_no_database_holds() {
    let (_one, keys) = keys();
    let other = KeyDirectory::new(Algorithm::EdDsa);
    std::fs::remove_file(other.secret_file()).unwrap();
    let _ = other.random.bytes::<1>();
    other.generate_missing();
    let other = other.load();
    let code = |keys: &Keys| keys.code(&keys.secret_id(), &[b"nonce"], 12).unwrap();
    assert_ne!(code(&keys), code(&other));
    assert_eq!(keys.code(&other.secret_id(), &[b"nonce"], 6), None);
}

#[test]
fn a_code_has_the_digits_asked_for() {
    let (_directory, keys) = keys();
    let secret = keys.secret_id();
    for digits in 1..=38 {
        let code = keys.code(&secret, &[b"nonce"], digits).unwrap();
        assert_eq!(code.len(), usize::from(digits));
        assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
    }
    assert_eq!(keys.code(&secret, &[b"nonce"], 39), None);
}

#[test]
fn every_part_of_the_context_counts_and_where_it_ends() {
    let (_directory, keys) = keys();
    let secret = keys.secret_id();
    let contexts: [&[&[u8]]; 6] = [
        &[b"ab", b"c"],
        &[b"a", b"bc"],
        &[b"abc"],
        &[b"abc", b""],
        &[b"c", b"ab"],
        &[],
    ];
    let mut codes = contexts.map(|context| keys.code(&secret, context, 30).unwrap());
    codes.sort();
    assert!(codes.windows(2).all(|pair| pair[0] != pair[1]), "{codes:?}");
    let four = keys.code(&secret, &[b"abc"], 4).unwrap();
    let six = keys.code(&secret, &[b"abc"], 6).unwrap();
    assert!(
        !six.ends_with(&four),
        "a short code must not give away a long one"
    );
}

#[test]
fn each_use_has_a_key_of_its_own() {
    let (_directory, keys) = keys();
    let secret = keys.secret_id();
    let mac = keys.refresh_mac(&secret, &[b"x"]).unwrap();
    assert_ne!(mac[..16], keys.pseudonym(&[b"x"]));
    assert_ne!(mac, *keys.pepper(&secret).unwrap());
    assert_ne!(keys.pseudonym(&[b"x"]), keys.pseudonym(&[b"y"]));
}

#[test]
fn keys_print_their_ids_alone() {
    let (directory, keys) = keys();
    let root = std::fs::read_to_string(directory.secret_file()).unwrap();
    let printed = format!("{keys:?} {:?}", keys.signing());
    assert!(printed.contains(&keys.secret_id()));
    assert!(!printed.contains(root.trim()));
    assert!(!printed.contains("PRIVATE"));
}
