//! LC-05: what accountd is built on, as far as it can be told without a network. The gate asks for the rest (`scripts/supply`).

use std::{fs, path::Path};

use toml::{Table, Value};

/// Versions below which a crate has a fault that matters here. Of several that are built in, each must be above.
const FLOORS: [(&str, [u64; 3]); 13] = [
    // Empty DATA frames without end (RUSTSEC-2026-0258).
    ("h2", [0, 4, 18]),
    ("tonic", [0, 14, 6]),
    // Claims of the wrong type pass (CVE-2026-25537).
    ("jsonwebtoken", [10, 4, 0]),
    ("lettre", [0, 11, 23]),
    // Lengths of the protocol overflow (RUSTSEC-2024-0363).
    ("sqlx-core", [0, 8, 1]),
    // Terminal codes pass into logs (RUSTSEC-2025-0055).
    ("tracing-subscriber", [0, 3, 20]),
    // Punycode that decodes to ASCII (RUSTSEC-2024-0421).
    ("idna", [1, 0, 3]),
    ("time", [0, 3, 47]),
    ("bytes", [1, 11, 1]),
    ("rustls-webpki", [0, 103, 13]),
    ("tokio", [1, 44, 2]),
    ("image", [0, 25, 0]),
    ("rustls", [0, 23, 18]),
];

/// Crates that must not be built in: each is another way to do what is done once, or has a fault that nobody mends.
const BANNED: [&str; 4] = ["native-tls", "openssl-sys", "ring", "rsa"];

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(name: &str) -> Table {
    read(name).parse().unwrap()
}

/// What is built in: names with versions.
fn locked() -> Vec<(String, [u64; 3])> {
    let lock = manifest("Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    let named = packages.iter().map(|package| {
        let version = package["version"].as_str().unwrap();
        let numbers = version.split(['-', '+']).next().unwrap().split('.');
        let numbers: Vec<u64> = numbers.map(|number| number.parse().unwrap()).collect();
        let name = package["name"].as_str().unwrap().to_owned();
        (name, numbers.try_into().unwrap())
    });
    named.collect()
}

#[test]
fn lc_05_no_crate_is_older_than_its_last_fault() {
    let locked = locked();
    for (name, floor) in FLOORS {
        let mut versions = locked.iter().filter(|(other, _)| other == name).peekable();
        assert!(versions.peek().is_some(), "{name} is not used any more");
        for (_, version) in versions {
            assert!(*version >= floor, "{name} {version:?} is below {floor:?}");
        }
    }
}

#[test]
fn lc_05_what_must_not_be_built_in_is_not_let_in() {
    let rules = manifest("deny.toml");
    let denied = rules["bans"]["deny"].as_array().unwrap();
    for name in BANNED {
        let is_denied = denied
            .iter()
            .any(|rule| rule["name"].as_str() == Some(name));
        assert!(is_denied, "deny.toml lets {name} in");
    }
}

#[test]
fn lc_05_no_code_of_ours_is_unsafe() {
    let workspace = manifest("Cargo.toml");
    let lints = &workspace["workspace"]["lints"]["rust"];
    assert_eq!(lints["unsafe_code"].as_str(), Some("forbid"));
    let members = workspace["workspace"]["members"].as_array().unwrap();
    for member in members.iter().filter_map(Value::as_str) {
        let manifest = manifest(&format!("{member}/Cargo.toml"));
        let is_held = manifest["lints"]["workspace"].as_bool();
        assert_eq!(is_held, Some(true), "{member} has lints of its own");
    }
}

#[test]
fn lc_05_the_gate_asks_for_faults_and_licences() {
    assert!(read(".ci/run").lines().any(|line| line == "scripts/supply"));
    let supply = read("scripts/supply");
    for check in [
        "check bans licenses sources",
        "check advisories",
        "cargo-machete\" .",
    ] {
        assert!(supply.contains(check), "scripts/supply leaves out: {check}");
    }
}
