//! The schema, forward and back, and replicas of two versions on it.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Database};

use super::text;
use crate::support::{installation::Installation, postgres};

const AT_ONCE: usize = 4;

/// An installation on each engine, with its database.
async fn installations() -> [(Installation, String); 2] {
    let free =
        |installation: Installation| installation.with("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0");
    let embedded = free(Installation::new());
    let file = embedded.path().join("data/accountd.db");
    let server = postgres::database().await;
    let production = free(Installation::new()).with("ACCOUNTD_STORE__URL", server.clone());
    [
        (embedded, format!("sqlite://{}", file.display())),
        (production, server),
    ]
}

/// Writes down a step as a newer version does that has taken it.
async fn take_newer_step(url: &str, name: &str) {
    let database = Database::connect(url).await.unwrap();
    let sql = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 0)");
    database.execute_unprepared(&sql).await.unwrap();
    database.close().await.unwrap();
}

async fn serves(accountd: &Installation) {
    let _running = accountd.start(&["serve"]);
    for _ in 0..200 {
        if accountd.written("out").contains("serves on") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{}", accountd.written("err"));
}

/// What is said of a start that fails.
fn refusal(accountd: &Installation) -> String {
    let mut running = accountd.start(&["serve"]);
    assert_eq!(running.exit_code(), Some(1));
    accountd.written("err")
}

#[test]
fn migrate_tells_where_the_schema_stands() {
    let accountd = Installation::new();
    let before = accountd.run(&["migrate", "status"]);
    assert_eq!(before.status.code(), Some(1), "{before:?}");
    assert!(text(&before.stdout).contains("Pending"));
    let up = accountd.run(&["migrate", "up"]);
    assert_eq!(up.status.code(), Some(0), "{up:?}");
    let after = accountd.run(&["migrate", "status"]);
    assert_eq!(after.status.code(), Some(0), "{after:?}");
    assert!(!text(&after.stdout).contains("Pending"));
    let down = accountd.run(&["migrate", "down", "--steps", "2"]);
    assert_eq!(down.status.code(), Some(0), "{down:?}");
    assert_eq!(text(&down.stdout).matches("Pending").count(), 2);
}

#[tokio::test]
async fn production_refuses_a_schema_that_is_behind() {
    let accountd = Installation::new()
        .with("ACCOUNTD_STORE__URL", postgres::database().await)
        .with("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0");
    let told = refusal(&accountd);
    assert!(told.contains("accountd migrate up"), "{told}");
    assert_eq!(accountd.run(&["migrate", "up"]).status.code(), Some(0));
    serves(&accountd).await;
}

#[tokio::test]
async fn production_migrates_when_it_is_told_to() {
    let accountd = Installation::new()
        .with("ACCOUNTD_STORE__URL", postgres::database().await)
        .with("ACCOUNTD_STORE__MIGRATE", "always")
        .with("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0");
    serves(&accountd).await;
    assert_eq!(accountd.run(&["migrate", "status"]).status.code(), Some(0));
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_served_and_told_of() {
    for (accountd, url) in installations().await {
        assert_eq!(accountd.run(&["migrate", "up"]).status.code(), Some(0));
        take_newer_step(&url, "m29990101_000001_more").await;
        let status = accountd.run(&["migrate", "status"]);
        assert_eq!(status.status.code(), Some(0), "{status:?}");
        assert!(
            text(&status.stdout).contains("Newer    m29990101_000001_more"),
            "{status:?}"
        );
        serves(&accountd).await;
        assert!(accountd.written("err").contains("ahead of this version"));
        let up = accountd.run(&["migrate", "up"]);
        assert_eq!(up.status.code(), Some(0), "nothing is left to do: {up:?}");
        let down = accountd.run(&["migrate", "down"]);
        assert_eq!(down.status.code(), Some(1), "{down:?}");
        assert!(
            text(&down.stderr).contains("m29990101_000001_more"),
            "{down:?}"
        );
    }
}

#[tokio::test]
async fn a_newer_step_that_takes_away_what_is_used_stops_the_start() {
    for (accountd, url) in installations().await {
        assert_eq!(accountd.run(&["migrate", "up"]).status.code(), Some(0));
        take_newer_step(&url, "m29990101_000001_names_contract").await;
        let told = refusal(&accountd);
        assert!(told.contains("m29990101_000001_names_contract"), "{told}");
    }
}

#[tokio::test]
async fn a_missing_step_behind_a_newer_one_is_not_taken() {
    for (accountd, url) in installations().await {
        assert_eq!(accountd.run(&["migrate", "up"]).status.code(), Some(0));
        assert_eq!(accountd.run(&["migrate", "down"]).status.code(), Some(0));
        take_newer_step(&url, "m29990101_000001_more").await;
        let up = accountd.run(&["migrate", "up"]);
        assert_eq!(up.status.code(), Some(1), "{up:?}");
        assert!(text(&up.stderr).contains("m29990101_000001_more"), "{up:?}");
    }
}

#[tokio::test]
async fn replicas_that_take_the_steps_at_once_take_them_once() {
    for (accountd, _) in installations().await {
        let outcomes = std::thread::scope(|threads| {
            let runs: Vec<_> = (0..AT_ONCE)
                .map(|_| threads.spawn(|| accountd.run(&["migrate", "up"])))
                .collect();
            runs.into_iter()
                .map(|run| run.join().unwrap())
                .collect::<Vec<_>>()
        });
        for outcome in outcomes {
            assert_eq!(outcome.status.code(), Some(0), "{outcome:?}");
        }
        assert_eq!(accountd.run(&["migrate", "status"]).status.code(), Some(0));
    }
}
