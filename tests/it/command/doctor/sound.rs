//! Installations that are as they should be.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::{SECRET, examine, without_secrets};
use crate::support::{
    installation::Installation,
    postgres,
    redis::{Server, free_port},
    s3,
    smtp::{Protection, Relay},
};

/// All that lies in a directory.
fn files(directory: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        // A service tries its store of pictures by itself.
        let name = path.file_name().unwrap().to_string_lossy();
        if !name.starts_with("probe") {
            found.insert(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_default_is_well_while_it_serves() {
    let listen = format!("127.0.0.1:{}", free_port());
    let accountd = Installation::new().with("ACCOUNTD_GRPC__LISTEN", listen);
    let _running = accountd.serve().await;
    let before = files(accountd.path());
    let told = examine(&accountd);
    assert_eq!(told.code, Some(0), "{:#}", told.json);
    told.says("sql", "ok", &["SQLite 3.", "accountd.db", "WAL"]);
    told.says("schema", "ok", &["steps taken"]);
    told.says("kv", "ok", &["memory"]);
    told.says("clock", "ok", &["no other clock"]);
    told.says("mail", "ok", &["data/mail"]);
    told.says("pictures", "ok", &["went into data/pictures and back"]);
    told.says("keys", "ok", &["signing key", "EdDSA", "secret key"]);
    told.says("hashing", "ok", &["MiB", "one hash takes"]);
    assert_eq!(files(accountd.path()), before, "nothing is left behind");
    let health = accountd.run(&["health"]);
    assert_eq!(health.status.code(), Some(0), "{health:?}");
    let lines = without_secrets(&accountd.run(&["doctor"]));
    assert!(lines.contains("ok       sql            SQLite"), "{lines}");
    assert!(lines.contains("10 checks: 0 failed"), "{lines}");
}

#[test]
fn a_place_that_was_never_started_stays_empty() {
    let accountd = Installation::new();
    let told = examine(&accountd);
    assert_eq!(told.code, Some(0), "{:#}", told.json);
    told.says(
        "sql",
        "warning",
        &["is not there yet", "accountd migrate up"],
    );
    told.says("keys", "warning", &["accountd keys generate"]);
    told.says("schema", "ok", &["first start"]);
    told.says("mail", "ok", &["first start"]);
    told.says("pictures", "ok", &["first start"]);
    // Not even the lock by which a service holds its callers.
    assert_eq!(files(accountd.path()), BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_of_production_are_well() {
    let directory = tempfile::tempdir().unwrap();
    let redis = Server::start_with(&["--appendonly", "yes"]).await;
    let relay = Relay::start(Protection::StartTls).await;
    let bucket = s3::bucket().await;
    let accountd = Installation::new()
        .with("ACCOUNTD_STORE__URL", postgres::database().await)
        .with("ACCOUNTD_KV__KIND", "redis")
        .with("ACCOUNTD_KV__URLS", redis.url())
        .with("ACCOUNTD_MAIL__KIND", "smtp")
        .with("ACCOUNTD_MAIL__SMTP_HOST", "localhost")
        .with("ACCOUNTD_MAIL__SMTP_PORT", relay.port.to_string())
        .with(
            "ACCOUNTD_MAIL__SMTP_CA_FILE",
            relay.trust(directory.path()).display().to_string(),
        )
        .with("ACCOUNTD_MAIL__SMTP_USERNAME", "accountd")
        .with("ACCOUNTD_MAIL__SMTP_PASSWORD", "open sesame")
        .with("ACCOUNTD_PICTURES__KIND", "s3")
        .with("ACCOUNTD_PICTURES__BUCKET", &bucket)
        .with(
            "ACCOUNTD_PICTURES__ENDPOINT",
            format!("http://127.0.0.1:{}", s3::port().await),
        )
        .with("ACCOUNTD_PICTURES__ACCESS_KEY_ID", "tester")
        .with("ACCOUNTD_PICTURES__SECRET_ACCESS_KEY", SECRET);
    assert_eq!(accountd.run(&["migrate", "up"]).status.code(), Some(0));
    assert_eq!(accountd.run(&["keys", "generate"]).status.code(), Some(0));
    let told = examine(&accountd);
    assert_eq!(told.code, Some(0), "{:#}", told.json);
    told.says("sql", "ok", &["PostgreSQL"]);
    told.says("schema", "ok", &["steps taken"]);
    told.says(
        "kv",
        "ok",
        &["Redis", "evicts nothing", "appendfsync everysec"],
    );
    told.says("clock", "ok", &["PostgreSQL agrees", "Redis agrees"]);
    told.says("mail", "ok", &["StartTls", "with our password"]);
    told.says("pictures", "ok", &["S3 bucket", &bucket]);
    told.says("keys", "ok", &["signing key"]);
    assert_eq!(relay.logins(), ["accountd open sesame"]);
    assert!(relay.letters().is_empty());
    assert_eq!(s3::keys(&bucket).await, Vec::<String>::new());
}
