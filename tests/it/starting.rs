//! LC-04: the binary does not start on what cannot be trusted, and says what to do.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use accountd::{
    backend::{Clock, Random},
    config::Settings,
    keys::{self, Algorithm},
};

use crate::support::{redis::Server, served::Served};

/// The keys that a start in this directory would find.
fn make_keys(directory: &Path) -> std::path::PathBuf {
    let mut settings = Settings::embedded();
    settings.data_directory = directory.join("data");
    let keys = settings.keys_directory();
    let now = Clock::System.now();
    keys::generate_missing(&keys, Algorithm::EdDsa, now, &Random::System).unwrap();
    keys
}

fn first_file(directory: &Path) -> std::path::PathBuf {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            return path;
        }
        if path.is_dir() && fs::read_dir(&path).unwrap().next().is_some() {
            return first_file(&path);
        }
    }
    panic!("no file in {}", directory.display());
}

#[tokio::test]
async fn lc_04_a_key_that_others_can_read_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let key = first_file(&make_keys(directory.path()));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let told = Served::refusal(directory.path(), &[]).await;
    assert!(told.contains(key.to_str().unwrap()), "{told}");
    assert!(
        told.contains("0600") || told.contains("600"),
        "it says what to do: {told}"
    );
}

#[tokio::test]
async fn lc_04_a_configured_directory_without_keys_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("mounted");
    fs::create_dir(&empty).unwrap();
    for missing in [&empty, &directory.path().join("nowhere")] {
        let variables = [("ACCOUNTD_KEYS__DIRECTORY", missing.to_str().unwrap())];
        let told = Served::refusal(directory.path(), &variables).await;
        assert!(told.contains(missing.to_str().unwrap()), "{told}");
        assert!(told.contains("accountd keys"), "it says what to do: {told}");
    }
}

#[tokio::test]
async fn lc_04_a_redis_that_evicts_stops_the_start() {
    let redis =
        Server::start_with(&["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"]).await;
    let directory = tempfile::tempdir().unwrap();
    let url = redis.url();
    let variables = [
        ("ACCOUNTD_KV__KIND", "redis"),
        ("ACCOUNTD_KV__URLS", url.as_str()),
    ];
    let told = Served::refusal(directory.path(), &variables).await;
    assert!(told.contains("noeviction"), "it says what to do: {told}");
}

#[tokio::test]
async fn lc_04_hashes_that_are_too_cheap_stop_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [("ACCOUNTD_PASSWORDS__MEMORY_KIB", "64")];
    let told = Served::refusal(directory.path(), &variables).await;
    assert!(
        told.contains("passwords.memory_kib") && told.contains("19456"),
        "{told}"
    );
}

#[tokio::test]
async fn lc_04_what_it_writes_is_for_its_owner_alone() {
    let binary = Served::start(&[]).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
    assert_eq!(mode(&binary.data()), 0);
    let mut settings = Settings::embedded();
    settings.data_directory = binary.data();
    assert_eq!(mode(&first_file(&settings.keys_directory())), 0);
}

#[tokio::test]
async fn a_directory_for_uploads_that_cannot_be_used_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let spool = file.join("spool");
    let variables = [(
        "ACCOUNTD_PICTURES__SPOOL_DIRECTORY",
        spool.to_str().unwrap(),
    )];
    let told = Served::refusal(directory.path(), &variables).await;
    assert!(told.contains(spool.to_str().unwrap()), "{told}");
    assert!(
        told.contains("pictures.spool_directory"),
        "it says what to do: {told}"
    );
}
