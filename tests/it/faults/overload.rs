//! What runs out: connections to the database, and the disk.

use std::{path::Path, process::Command, time::Duration};

use futures_util::future::join_all;
use sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, Statement, TransactionTrait as _,
};
use tokio::time::{Instant, timeout};
use tonic::Code;

use super::calls::{ANSWER, Cast, is_honest};
use crate::support::{binary, cluster::Cluster, service::Engines};

/// When a refusal counts as slow: three times the half second of the catalogue.
const SOON: Duration = Duration::from_millis(1500);

/// Statements that wait for a lock.
async fn waiting(db: &DatabaseConnection) -> i64 {
    let text = "SELECT count(*) AS n FROM pg_stat_activity \
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let statement = Statement::from_string(db.get_database_backend(), text);
    let row = db.query_one_raw(statement).await.unwrap();
    row.unwrap().try_get("", "n").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ov_06_while_all_connections_are_held_others_are_refused_soon() {
    const HELD: usize = 3;
    let variables = [("ACCOUNTD_STORE__MAX_CONNECTIONS", "3")];
    let cluster = Cluster::start(Engines::Production, 1, &variables).await;
    let cast = Cast::enter(&cluster.node(0).client(), "ada").await;
    let admin = cluster.outside().sql().await;
    let lock = admin.begin().await.unwrap();
    lock.execute_unprepared("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();

    let held: Vec<_> = (0..HELD)
        .map(|_| {
            let ada = cast.ada.clone();
            tokio::spawn(async move { ada.current().await })
        })
        .collect();
    let since = Instant::now();
    while waiting(&admin).await < i64::try_from(HELD).unwrap() {
        assert!(since.elapsed() < ANSWER, "nobody waits for the lock");
    }
    let answers = join_all((0..20).map(|_| async {
        let since = Instant::now();
        let answer = timeout(ANSWER, cast.ada.current()).await;
        (answer.expect("a call hangs"), since.elapsed())
    }))
    .await;
    let mut soon = 0;
    for (answer, took) in answers {
        let code = answer.unwrap_err().code();
        assert!(
            [Code::Unavailable, Code::ResourceExhausted].contains(&code),
            "{code:?}"
        );
        soon += usize::from(took < SOON);
    }
    // Those that held the connections may be given up meanwhile, and as many others wait in their place.
    assert!(soon >= 20 - HELD, "{soon} of 20 were answered soon");

    lock.rollback().await.unwrap();
    cast.recovers().await;
    for call in held {
        let answer = call.await.unwrap();
        assert!(is_honest(&answer), "{answer:?}");
    }
}

/// Lets files grow to so many bytes and no further, or as they like.
fn limit_files(process: u32, most: &str) {
    let status = Command::new("prlimit")
        .arg(format!("--pid={process}"))
        .arg(format!("--fsize={most}:unlimited"))
        .status();
    assert!(status.unwrap().success(), "prlimit fails");
}

async fn integrity(file: &Path) -> String {
    let db = Database::connect(format!("sqlite://{}", file.display()));
    let db = db.await.unwrap();
    let statement = Statement::from_string(db.get_database_backend(), "PRAGMA integrity_check");
    let row = db.query_one_raw(statement).await.unwrap();
    row.unwrap().try_get("", "integrity_check").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ov_09_on_a_full_disk_reads_go_on_and_changes_wait_for_room() {
    let mut cluster = Cluster::prepare(Engines::Embedded, 1, &[]).await;
    let mut command = Command::new("sh");
    // Without it, the first write over the limit would end the process; a full disk does not.
    command
        .args(["-c", "trap '' XFSZ; exec \"$0\""])
        .arg(binary::built());
    cluster.launch_by(0, command).await;
    let node = cluster.node(0);
    node.serves().await;
    let cast = Cast::enter(&node.client(), "ada").await;
    let process = node.served().id();

    limit_files(process, "1");
    for _ in 0..5 {
        let renamed = timeout(ANSWER * 2, cast.rename("Nobody")).await.unwrap();
        assert_eq!(renamed.unwrap_err().code(), Code::Unavailable);
        let login = timeout(ANSWER * 2, cast.login()).await.unwrap();
        assert_eq!(login.unwrap_err().code(), Code::Unavailable);
        let found = timeout(ANSWER, cast.ada.current()).await.unwrap().unwrap();
        assert_eq!(found.username, "ada");
        assert_ne!(found.full_name, "Nobody");
    }
    limit_files(process, "unlimited");
    cast.recovers().await;
    let renamed = cast.rename("Ada").await.unwrap().account.unwrap();

    // What is on the disk is whole, and what was acknowledged is there after a crash.
    let file = node.served().data().join("accountd.db");
    cluster.kill(0);
    assert_eq!(integrity(&file).await, "ok");
    cluster.restart(0).await;
    assert_eq!(cast.ada.current().await.unwrap(), renamed);
}
