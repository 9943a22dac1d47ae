//! SQ-07: changes that meet in the database wait, are tried again or refused, and are never a fault of ours.

use std::{collections::BTreeMap, time::Duration};

use accountd::proto::{self, UpdateRequest};
use futures_util::future::join_all;
use sea_orm::{
    ConnectionTrait as _, Database, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};
use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, Status};

use super::calls::{ANSWER, is_honest};
use crate::support::{
    client::{Client, PASSWORD},
    service::{Engines, Ground, start},
};

/// How long SQLite lets a writer wait for another, and time for a busy machine.
const BUSY: Duration = Duration::from_secs(10);

fn renaming(name: &str) -> UpdateRequest {
    UpdateRequest {
        full_name: name.to_owned(),
        ..UpdateRequest::default()
    }
}

/// The codes of all answers, with how often each came.
fn codes<T>(answers: &[Result<T, Status>]) -> BTreeMap<i32, usize> {
    let mut codes = BTreeMap::new();
    for answer in answers {
        let code = answer.as_ref().map_or_else(Status::code, |_| Code::Ok);
        *codes.entry(code.into()).or_default() += 1;
    }
    codes
}

/// One account with so many sessions, each with its refresh token.
async fn sessions(client: &Client, name: &str, count: usize) -> Vec<(Client, String)> {
    client.join(name).await;
    let mut sessions = Vec::new();
    for _ in 0..count {
        let tokens = client.login(name, PASSWORD).await.unwrap().tokens.unwrap();
        sessions.push((client.with(&tokens.access_token), tokens.refresh_token));
    }
    sessions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_07_sixty_four_writers_of_sqlite_all_get_their_turn() {
    let node = start(Engines::Embedded).await;
    let mut writers = Vec::new();
    for name in ["ada", "bea", "cid", "dan"] {
        writers.extend(sessions(&node.client(), name, 16).await);
    }
    for round in 0..3 {
        let name = format!("Number {round}");
        let updates = join_all(writers.iter().map(|(one, _)| one.update(renaming(&name)))).await;
        assert_eq!(codes(&updates), BTreeMap::from([(0, 64)]), "{updates:?}");
    }
    let refreshed = join_all(writers.iter().map(|(one, token)| one.refresh(token))).await;
    assert_eq!(
        codes(&refreshed),
        BTreeMap::from([(0, 64)]),
        "{refreshed:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_07_sqlite_that_another_process_writes_to_is_waited_for_and_then_unavailable() {
    let node = start(Engines::Embedded).await;
    let ada = node.client().joined("ada").await;
    let other = Database::connect(&node.ground.store.url).await.unwrap();
    let write = || {
        other.begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
    };

    let lock = write().await.unwrap();
    let writer = ada.clone();
    let update = tokio::spawn(async move { writer.update(renaming("Patient")).await });
    sleep(Duration::from_millis(500)).await;
    assert!(!update.is_finished(), "it does not wait");
    ada.current().await.unwrap();
    lock.rollback().await.unwrap();
    let updated = update.await.unwrap().unwrap();
    assert_eq!(updated.account.unwrap().full_name, "Patient");

    let lock = write().await.unwrap();
    let refused = join_all((0..4).map(|_| timeout(BUSY, ada.update(renaming("Refused"))))).await;
    for answer in refused {
        let status = answer.expect("a call hangs").unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
    assert_eq!(ada.current().await.unwrap().full_name, "Patient");
    lock.rollback().await.unwrap();
    ada.update(renaming("Heard")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_07_a_deadlock_on_postgres_is_tried_again() {
    let node = start(Engines::Production).await;
    let ada = node.client().joined("ada").await;
    let db = Database::connect(&node.ground.store.url).await.unwrap();
    let other = db.begin().await.unwrap();
    // Ours is to be the one that finds out.
    for statement in [
        "SET LOCAL deadlock_timeout = '20s'",
        "SELECT id FROM sessions FOR UPDATE",
    ] {
        other.execute_unprepared(statement).await.unwrap();
    }
    let everywhere = {
        let ada = ada.clone();
        tokio::spawn(async move {
            let message = proto::LogoutRequest {
                all_sessions: true,
                ..proto::LogoutRequest::default()
            };
            ada.rpc.clone().logout(ada.request(message)).await
        })
    };
    let waits = "SELECT count(*) AS n FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let since = Instant::now();
    loop {
        let statement = Statement::from_string(db.get_database_backend(), waits);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        if row.try_get::<i64>("", "n").unwrap() > 0 {
            break;
        }
        assert!(since.elapsed() < ANSWER, "nobody waits for the sessions");
    }
    // It holds the account and wants the session; we hold the session and want the account.
    let crossed = "SELECT id FROM accounts FOR UPDATE";
    other.execute_unprepared(crossed).await.unwrap();
    other.commit().await.unwrap();
    let answer = timeout(ANSWER, everywhere).await.expect("it hangs");
    answer.unwrap().unwrap();
    assert_eq!(
        ada.current().await.unwrap_err().code(),
        Code::Unauthenticated
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_07_a_stricter_isolation_of_postgres_makes_no_faults_of_ours() {
    let ground = Ground::new(Engines::Production).await;
    let db = Database::connect(&ground.store.url).await.unwrap();
    let name = ground.store.url.rsplit_once('/').unwrap().1.to_owned();
    let strict = format!("ALTER DATABASE {name} SET default_transaction_isolation = serializable");
    db.execute_unprepared(&strict).await.unwrap();
    // Its connections are made after that.
    let node = ground.node().await;
    let writers = sessions(&node.client(), "ada", 16).await;
    let mut done = 0;
    for round in 0..5 {
        let name = format!("Number {round}");
        let updates = join_all(writers.iter().map(|(one, _)| one.update(renaming(&name)))).await;
        assert!(updates.iter().all(is_honest), "{updates:?}");
        done += updates.iter().filter(|update| update.is_ok()).count();
        let reads = join_all(writers.iter().map(|(one, _)| one.current())).await;
        assert!(reads.iter().all(is_honest), "{reads:?}");
    }
    assert!(done >= 5, "{done} changes came through");
    let refreshed = join_all(writers.iter().map(|(one, token)| one.refresh(token))).await;
    assert!(refreshed.iter().all(is_honest), "{refreshed:?}");
}
