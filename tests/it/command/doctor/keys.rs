//! Keys that are missing, open, old, or about to take over.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use accountd::{
    backend::{Clock, Random, Timestamp},
    keys::{self, Algorithm},
};

use super::examine;
use crate::support::installation::Installation;

const DAY: Duration = Duration::from_hours(24);

/// Makes the keys of an installation as if it had been at that time.
fn make(accountd: &Installation, at: Timestamp) -> PathBuf {
    let directory = accountd.path().join("data/keys");
    let made = keys::generate_missing(&directory, Algorithm::EdDsa, at, &Random::System);
    assert_eq!(made.unwrap().len(), 2);
    directory
}

fn first_file(directory: &Path) -> PathBuf {
    let mut entries = fs::read_dir(directory).unwrap();
    entries.next().unwrap().unwrap().path()
}

#[test]
fn a_key_that_others_can_read_is_told_by_its_file() {
    let accountd = Installation::new();
    let keys = make(&accountd, Clock::System.now());
    let file = first_file(&keys.join("signing"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    examine(&accountd).fails_alone("keys", &[name, "640", "chmod 600"]);
}

#[test]
fn a_configured_directory_without_keys_is_told() {
    let accountd = Installation::new();
    fs::create_dir(accountd.path().join("mounted")).unwrap();
    let accountd = accountd.with("ACCOUNTD_KEYS__DIRECTORY", "mounted");
    examine(&accountd).fails_alone("keys", &["mounted", "accountd keys generate"]);
}

#[test]
fn old_keys_are_to_be_rotated() {
    let accountd = Installation::new();
    make(&accountd, Clock::System.now() - DAY * 364);
    examine(&accountd).says("keys", "ok", &["364 d old"]);
    let accountd = Installation::new();
    make(&accountd, Clock::System.now() - DAY * 366);
    examine(&accountd).says("keys", "warning", &["366 d old", "accountd keys rotate"]);
    assert_eq!(accountd.run(&["keys", "rotate"]).status.code(), Some(0));
    // The new ones are not in use yet.
    examine(&accountd).says("keys", "warning", &["takes over in 9 min"]);
}

#[test]
fn a_key_of_the_future_is_told() {
    let accountd = Installation::new();
    make(&accountd, Clock::System.now());
    let keys = make_another(&accountd, Clock::System.now() + DAY * 3);
    assert!(keys.exists());
    examine(&accountd).says("keys", "warning", &["dated in the future", "clock"]);
}

/// Adds a signing key and a root secret made at that time.
fn make_another(accountd: &Installation, at: Timestamp) -> PathBuf {
    let directory = accountd.path().join("data/keys");
    let both = [keys::Kind::Secret, keys::Kind::Signing];
    let rotation = keys::Rotation {
        algorithm: Algorithm::EdDsa,
        activation_delay: Duration::from_mins(10),
        keep: DAY,
    };
    keys::rotate(&directory, &both, &rotation, at, &Random::System).unwrap();
    directory
}
