//! Connections that come back into the pool.

use std::time::Duration;

use accountd::{
    faults::Faults,
    store::{self, Db, Options},
};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use tokio::time::sleep;

use crate::support::{postgres, tcp_proxy::TcpProxy};

/// How long the line takes in each direction.
const LATE: Duration = Duration::from_millis(100);

async fn pool_of_one(url: String) -> Db {
    let options = Options {
        url,
        max_connections: 1,
        acquire_timeout: Duration::from_secs(30),
        statement_timeout: Duration::from_secs(30),
        faults: Faults::default(),
    };
    store::connect(&options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_04_a_begin_that_was_given_up_leaves_no_transaction_open() {
    let url = postgres::database().await;
    let (line, slow_url) = TcpProxy::before_url(&url).await;
    let db = pool_of_one(slow_url).await;
    db.execute_unprepared("CREATE TABLE notes (text TEXT)")
        .await
        .unwrap();
    let bare = db.pool().get_postgres_connection_pool();
    while bare.num_idle() == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    line.slow(LATE);
    // Its answer comes, but nobody waits for it any more.
    let begun = store::begin(&db.with_patience(LATE)).await;
    assert!(begun.is_err());
    // Waits until the only connection is back.
    db.ping().await.unwrap();
    line.pass();
    assert_eq!(line.connections(), 1, "it is still the same one");
    db.execute_unprepared("INSERT INTO notes VALUES ('kept')")
        .await
        .unwrap();
    sleep(LATE).await;
    let elsewhere = Database::connect(&url).await.unwrap();
    let sql = "SELECT text FROM notes";
    let rows = Statement::from_string(elsewhere.get_database_backend(), sql);
    let rows = elsewhere.query_all_raw(rows).await.unwrap();
    assert_eq!(rows.len(), 1, "what was acknowledged is not there");
}
