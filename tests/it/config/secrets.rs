//! Secrets: where they come from, that weak ones are refused, and that none is ever printed.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use secrecy::ExposeSecret as _;

use super::{faults, load};

const MARK: &str = "kittens-and-mittens";

/// Writes a file with the given mode and returns its path.
fn file(directory: &Path, name: &str, text: &str, mode: u32) -> String {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path.display().to_string()
}

#[test]
fn secrets_come_from_files_of_their_own() {
    let directory = tempfile::tempdir().unwrap();
    let url = file(
        directory.path(),
        "url",
        &format!("postgres://accountd:{MARK}@db/accounts\n"),
        0o600,
    );
    let urls = file(
        directory.path(),
        "urls",
        "redis://localhost:1\nredis://localhost:2\n",
        0o400,
    );
    let text = format!(
        "[store]\nurl_file = '{url}'\n[kv]\nkind = 'redis'\nmode = 'cluster'\nurls_file = '{urls}'"
    );
    let settings = load(&text, &[]).unwrap();
    assert_eq!(
        settings.database_url().expose_secret(),
        format!("postgres://accountd:{MARK}@db/accounts")
    );
    assert_eq!(settings.kv.urls.len(), 2);
    let variables = [("ACCOUNTD_STORE__URL", "sqlite")];
    let settings = load(&text, &variables).unwrap();
    assert_eq!(
        settings.database_url().expose_secret(),
        "sqlite://data/accountd.db"
    );
}

#[test]
fn secrets_are_never_printed() {
    let url = format!("postgres://accountd:{MARK}@localhost/accounts");
    let redis = format!("redis://:{MARK}@localhost");
    let variables = [
        ("ACCOUNTD_STORE__URL", url.as_str()),
        ("ACCOUNTD_KV__KIND", "redis"),
        ("ACCOUNTD_KV__URLS", &redis),
        ("ACCOUNTD_MAIL__SMTP_PASSWORD", MARK),
    ];
    let settings = load("", &variables).unwrap();
    let printed = format!("{settings:?} {settings:#?} {:?}", settings.warnings());
    assert!(!printed.contains(MARK), "{printed}");
}

#[test]
fn faults_about_secrets_do_not_repeat_them() {
    let wrong = format!("{MARK}\u{7}");
    let files = [
        format!("[mail]\nsmtp_password = '{MARK}'"),
        format!("[mail]\nsmtp_password = ['{MARK}']"),
        format!("[mail]\nsmtp_pasword = '{MARK}'"),
        format!("[mail]\nsmtp_password = {MARK}"),
        format!("[store]\nurl = 'mysql://accountd:{MARK}@db/accounts'"),
        format!("[kv]\nurls = 'redis://:{MARK}@localhost'"),
    ];
    for text in files {
        let told = faults(&text, &[]).join("\n");
        assert!(!told.contains(MARK), "{told}");
    }
    let told = faults("", &[("ACCOUNTD_MAIL__SMTP_PASSWORD", &wrong)]).join("\n");
    assert!(!told.contains(MARK), "{told}");
}

#[test]
fn lc_04_secrets_in_the_configuration_file_are_refused() {
    assert_eq!(
        faults(&format!("[mail]\nsmtp_password = '{MARK}'"), &[]),
        [
            "mail.smtp_password: is a secret, and this file is not the place for it: use smtp_password_file or ACCOUNTD_MAIL__SMTP_PASSWORD"
        ]
    );
    let told = faults(
        &format!("[store]\nurl = 'postgres://accountd:{MARK}@localhost/accounts'"),
        &[],
    );
    assert!(told[0].starts_with("store.url: is a secret"), "{told:?}");
    assert!(
        load(
            "[store]\nurl = 'postgres://accountd@localhost/accounts'",
            &[]
        )
        .is_ok()
    );
}

#[test]
fn lc_04_secrets_that_others_can_read_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for mode in [0o640, 0o604] {
        let path = file(directory.path(), "password", MARK, mode);
        let told = faults(&format!("[mail]\nsmtp_password_file = '{path}'"), &[]);
        let expected = format!(
            "mail.smtp_password: {path} can be read by others than its owner; run `chmod 600 {path}`"
        );
        assert_eq!(told, [expected]);
    }
    let key = file(directory.path(), "key.pem", "key", 0o644);
    let text = format!("[grpc]\ntls_certificate = '{key}'\ntls_key = '{key}'");
    let told = faults(&text, &[]);
    assert!(told[0].starts_with("grpc.tls_key: "), "{told:?}");
    assert!(told[0].contains("chmod 600"), "{told:?}");
}

#[test]
fn lc_04_missing_and_empty_secrets_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let empty = file(directory.path(), "empty", "\n", 0o600);
    let told = faults(&format!("[mail]\nsmtp_password_file = '{empty}'"), &[]);
    assert_eq!(told, [format!("mail.smtp_password: {empty} is empty")]);
    let told = faults("[store]\nurl_file = '/nowhere/url'", &[]);
    assert!(
        told[0].starts_with("store.url: /nowhere/url cannot be read: "),
        "{told:?}"
    );
    let text =
        "[mail]\nkind = 'smtp'\nsmtp_host = 'mail.example.com'\nfrom = 'no-reply@example.com'";
    let told = faults(text, &[("ACCOUNTD_MAIL__SMTP_USERNAME", "accountd")]);
    assert_eq!(
        told,
        ["mail.smtp_password: is missing beside smtp_username"]
    );
}

#[test]
fn lc_04_short_and_well_known_secrets_are_refused_between_machines() {
    let told = |url: &str| faults("", &[("ACCOUNTD_STORE__URL", url)]);
    assert_eq!(
        told("postgres://accountd:Postgres@db.example.com/accounts"),
        ["store.url: has a password that is one that everybody knows; set another"]
    );
    assert_eq!(
        told("postgres://accountd:short@db.example.com:5432/accounts"),
        ["store.url: has a password that is shorter than 8 characters; set another"]
    );
    for near in ["localhost", "127.0.0.1:5433", "[::1]:5432"] {
        let url = format!("postgres://accountd:postgres@{near}/accounts");
        assert!(load("", &[("ACCOUNTD_STORE__URL", &url)]).is_ok(), "{near}");
    }
    let redis = [
        ("ACCOUNTD_KV__KIND", "redis"),
        ("ACCOUNTD_KV__URLS", "rediss://:redis@cache"),
    ];
    assert_eq!(
        faults("", &redis),
        ["kv.urls: has a password that is one that everybody knows; set another"]
    );
}

#[test]
fn a_secret_is_given_once() {
    let told = faults(
        "[store]\nurl = 'sqlite:///srv/a.db'\nurl_file = '/srv/url'",
        &[],
    );
    assert_eq!(
        told,
        ["store.url: is given twice; keep either it or url_file"]
    );
}

#[test]
fn smtp_passwords_do_not_travel_in_the_open() {
    let text = "[mail]\nkind = 'smtp'\nsmtp_host = 'mail.example.com'\nsmtp_security = 'none'\nsmtp_username = 'a'";
    assert_eq!(
        faults(text, &[("ACCOUNTD_MAIL__SMTP_PASSWORD", MARK)]),
        ["mail.smtp_security: would send the password in the open; set it to starttls or tls"]
    );
}
