use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use accountd::{
    backend::{Random, Timestamp},
    keys::{Algorithm, Id},
};

use crate::support::key_directory::{KeyDirectory, START};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn refusal(directory: &KeyDirectory) -> String {
    directory.try_load().unwrap_err().to_string()
}

#[test]
fn new_keys_are_for_their_owner_alone() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    for file in [directory.signing_file(), directory.secret_file()] {
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
    }
}

#[test]
fn what_is_there_is_never_replaced() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let before = fs::read(directory.secret_file()).unwrap();
    assert_eq!(directory.generate_missing(), 0);
    assert_eq!(fs::read(directory.secret_file()).unwrap(), before);

    fs::remove_file(directory.signing_file()).unwrap();
    assert_eq!(directory.generate_missing(), 1);
    assert_eq!(fs::read(directory.secret_file()).unwrap(), before);
}

#[test]
fn lc_04_group_readable_key_is_refused() {
    for open in [0o640, 0o604, 0o620, 0o602, 0o660, 0o644, 0o666] {
        for which in [KeyDirectory::signing_file, KeyDirectory::secret_file] {
            let directory = KeyDirectory::new(Algorithm::EdDsa);
            let file = which(&directory);
            set_mode(&file, open);
            let refusal = refusal(&directory);
            let advice = format!("(mode {open:o}); run `chmod 600 {}`", file.display());
            assert!(refusal.contains(&advice), "{refusal}");
        }
    }
}

#[test]
fn lc_04_a_key_mounted_read_only_is_accepted() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let file = directory.signing_file();
    let elsewhere = directory.path().join("mounted");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    set_mode(&elsewhere, 0o400);
    directory.load();
}

#[test]
fn lc_04_a_directory_where_others_can_plant_keys_is_refused() {
    for open in [0o770, 0o777, 0o702] {
        let directory = KeyDirectory::new(Algorithm::EdDsa);
        set_mode(&directory.path().join("signing"), open);
        let refusal = refusal(&directory);
        assert!(refusal.contains("run `chmod 700 "), "{refusal}");
    }
}

#[test]
fn lc_04_missing_keys_are_refused() {
    for kind in ["signing", "secret"] {
        let directory = KeyDirectory::new(Algorithm::EdDsa);
        fs::remove_dir_all(directory.path().join(kind)).unwrap();
        let refusal = refusal(&directory);
        assert!(
            refusal.starts_with(&format!("there is no {kind} key in "))
                && refusal.ends_with("run `accountd keys generate`"),
            "{refusal}"
        );
    }
}

#[test]
fn lc_04_short_default_and_broken_secrets_are_refused() {
    let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let typed = "Y2hhbmdlbWVjaGFuZ2VtZWNoYW5nZW1lY2hhbmdlbWU=";
    let short = "NzI2YTgyMTk0YjU2N2Q4ZTlm";
    for text in ["", "\n", "changeme", zeros, typed, short] {
        let directory = KeyDirectory::new(Algorithm::EdDsa);
        fs::write(directory.secret_file(), text).unwrap();
        let refusal = refusal(&directory);
        assert!(
            refusal.contains("does not hold 32 random bytes in base64"),
            "{refusal}"
        );
    }
}

#[test]
fn lc_04_broken_and_endless_signing_keys_are_refused() {
    let public =
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n".to_owned();
    let cut = |text: &str| text[..text.len() / 2].to_owned();
    let directory = KeyDirectory::new(Algorithm::Es256);
    let genuine = fs::read_to_string(directory.signing_file()).unwrap();
    for text in [String::new(), public, cut(&genuine), "x".repeat(20_000)] {
        fs::write(directory.signing_file(), text).unwrap();
        let refusal = refusal(&directory);
        assert!(refusal.contains(" does not hold a"), "{refusal}");
    }
}

#[test]
fn misnamed_keys_are_refused_and_other_files_passed_over() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let signing = directory.path().join("signing");
    for name in [
        "README",
        ".gitkeep",
        ".20261121T021500Z-1f3a.pem.unfinished",
    ] {
        fs::write(signing.join(name), "not a key").unwrap();
    }
    directory.load();
    fs::rename(directory_key(&signing), signing.join("mine.pem")).unwrap();
    let refusal = refusal(&directory);
    assert!(
        refusal.contains("mine.pem is not named like 20261121T021500Z-1f3a"),
        "{refusal}"
    );
}

fn directory_key(signing: &Path) -> std::path::PathBuf {
    fs::read_dir(signing)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ext| ext == "pem"))
        .unwrap()
}

#[test]
fn a_broken_file_leaves_the_keys_in_use() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    let kid = keys.signing().id().clone();
    assert!(!keys.reload().unwrap());

    fs::write(directory.secret_file(), "garbage").unwrap();
    keys.reload().unwrap_err();
    fs::remove_dir_all(directory.path().join("signing")).unwrap();
    keys.reload().unwrap_err();

    assert_eq!(keys.signing().id(), &kid);
    assert!(keys.code(&keys.secret_id(), &[b"context"], 6).is_some());
}

#[test]
fn ids_sort_by_age_and_tell_it() {
    let random = Random::seeded(7);
    let id = |millis| Id::new(Timestamp::from_millis(millis), &random);
    let first = id(START.millis());
    assert!(first.as_str().starts_with("20261121T021500Z-"), "{first}");
    assert_eq!(first.as_str().len(), Id::LENGTH);
    assert_eq!(first.created(), START);
    assert_eq!(Id::parse(first.as_str()), Some(first.clone()));
    assert!(first < id(START.millis() + 1000));

    for foreign in [
        "",
        "20261121T021500Z",
        "20261121T021500Z-",
        "20261121T021500Z-1F3A",
        "20261121T021500Z-1f3",
        "20261121T021500Z-1f3a0",
        "20261121T021500Z-1f3a.pem",
        "20260230T021500Z-1f3a",
        "20261121T021560Z-1f3a",
        "2026-11-21T02:15:00Z-1f3a",
        "+0261121T021500Z-1f3a",
        "../20261121T021500Z-1f3a",
    ] {
        assert_eq!(Id::parse(foreign), None, "{foreign}");
    }
}

#[test]
fn px_12_ids_outlive_32_bits_and_skipped_leap_days() {
    let random = Random::seeded(7);
    for (seconds, text) in [
        (2_147_558_400, "20380120T000000Z"),
        (4_107_542_400, "21000301T000000Z"),
    ] {
        let now = Timestamp::from_millis(seconds * 1000);
        let id = Id::new(now, &random);
        assert!(id.as_str().starts_with(text), "{id}");
        assert_eq!(Id::parse(id.as_str()).unwrap().created(), now);
    }
}
