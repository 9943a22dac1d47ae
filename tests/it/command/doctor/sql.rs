//! Databases that cannot be used, schemas that do not fit, and clocks that disagree.

use std::fs;

use sea_orm::{ConnectionTrait as _, Database};

use super::{SECRET, examine};
use crate::support::{installation::Installation, postgres, redis::free_port};

#[test]
fn a_database_that_is_not_there_is_told_without_its_password() {
    let port = free_port();
    let url = format!("postgres://ada:{SECRET}@127.0.0.1:{port}/accounts?password={SECRET}");
    let told = examine(&Installation::new().with("ACCOUNTD_STORE__URL", url));
    let place = format!("127.0.0.1:{port}/accounts");
    told.fails_alone("sql", &[&place, "store.url", "refused"]);
    told.says("schema", "skipped", &["SQL cannot be used"]);
}

#[tokio::test]
async fn a_database_that_the_server_does_not_have_is_to_be_created() {
    let url = postgres::database().await + "_missing";
    let told = examine(&Installation::new().with("ACCOUNTD_STORE__URL", url));
    told.fails_alone("sql", &["does not exist", "create the database"]);
}

#[tokio::test]
async fn a_schema_that_is_missing_or_newer_is_told() {
    let url = postgres::database().await;
    let accountd = Installation::new().with("ACCOUNTD_STORE__URL", &url);
    examine(&accountd).fails_alone("schema", &["steps not taken", "accountd migrate up"]);
    let always = Installation::new()
        .with("ACCOUNTD_STORE__URL", &url)
        .with("ACCOUNTD_STORE__MIGRATE", "always");
    examine(&always).says("schema", "warning", &["let the next start do it"]);
    assert_eq!(accountd.run(&["migrate", "up"]).status.code(), Some(0));
    examine(&accountd).says("schema", "ok", &["steps taken"]);
    let db = Database::connect(&url).await.unwrap();
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m999_later', 0)";
    db.execute_unprepared(newer).await.unwrap();
    examine(&accountd).says("schema", "warning", &["newer", "m999_later"]);
    let breaking =
        "UPDATE seaql_migrations SET version = 'm999_contract' WHERE version = 'm999_later'";
    db.execute_unprepared(breaking).await.unwrap();
    examine(&accountd).fails_alone("schema", &["newer", "m999_contract"]);
    let back = "DELETE FROM seaql_migrations WHERE version = 'm999_contract'";
    db.execute_unprepared(back).await.unwrap();
    let gone =
        "DELETE FROM seaql_migrations WHERE version = (SELECT min(version) FROM seaql_migrations)";
    db.execute_unprepared(gone).await.unwrap();
    examine(&accountd).fails_alone("schema", &["step 1 was not taken, but later ones were"]);
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_clock_that_disagrees_with_the_database_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let orders = directory.path().join("faults");
    let accountd = Installation::new()
        .with("ACCOUNTD_STORE__URL", postgres::database().await)
        .broken_by(&orders);
    assert_eq!(accountd.run(&["migrate", "up"]).status.code(), Some(0));
    for (error, status, words) in [
        ("0", "ok", "agrees"),
        ("-20000", "warning", "ahead of this machine"),
        ("20000", "warning", "behind this machine"),
        ("120000", "failure", "tokens bear 60 s"),
    ] {
        fs::write(&orders, format!("clock {error}\n")).unwrap();
        examine(&accountd).says("clock", status, &["PostgreSQL", words]);
    }
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let accountd = Installation::new();
    fs::create_dir(accountd.path().join("data")).unwrap();
    fs::write(accountd.path().join("data/accountd.db"), [7; 4096]).unwrap();
    let told = examine(&accountd);
    told.fails_alone("sql", &["data/accountd.db", "not a database"]);
}

#[test]
fn a_place_where_no_database_can_be_made_is_told() {
    let accountd = Installation::new();
    fs::write(accountd.path().join("file"), "").unwrap();
    let accountd = accountd.with("ACCOUNTD_STORE__URL", "sqlite://file/accountd.db");
    examine(&accountd).fails_alone("sql", &["no file can be made in file", "store.url"]);
}
