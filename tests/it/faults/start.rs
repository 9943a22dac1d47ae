//! Engines that are not there when the service starts.

use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use tokio::time::Instant;
use tonic::Code;

use crate::support::{
    client::{PASSWORD, assert_refused},
    cluster::Cluster,
    health::{SERVICE, ServingStatus, becomes, check},
    service::Engines,
};

/// The catalogue says 5 s; a busy machine gets twice as long.
const READY: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_01_a_database_that_returns_and_cannot_be_used_is_not_waited_for() {
    let mut cluster = Cluster::prepare(Engines::Production, 1, &[]).await;
    cluster.node(0).sql().refuse();
    cluster.launch(0).await;
    let channel = cluster.node(0).channel();
    becomes(&channel, "accountd.kv", ServingStatus::Serving).await;
    let outside = cluster.outside().sql().await;
    outside
        .execute_unprepared("ALTER TABLE seaql_migrations RENAME COLUMN version TO edition")
        .await
        .unwrap();
    cluster.node(0).sql().pass();
    cluster.died(0).await;
    let log = cluster.node(0).log();
    assert!(log.contains("the database cannot be used"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_01_without_sql_it_lives_and_is_not_ready_until_sql_returns() {
    let mut cluster = Cluster::prepare(Engines::Production, 1, &[]).await;
    cluster.node(0).sql().refuse();
    cluster.launch(0).await;
    let node = cluster.node(0);
    let channel = node.channel();
    becomes(&channel, "accountd.kv", ServingStatus::Serving).await;
    for service in ["", SERVICE, "accountd.sql"] {
        let found = check(&channel, service).await.unwrap();
        assert_eq!(found, ServingStatus::NotServing, "{service:?}");
    }
    assert_refused(
        node.client().login("ada", PASSWORD).await,
        Code::Unavailable,
        "DEPENDENCY_UNAVAILABLE",
    );
    node.sql().pass();
    let since = Instant::now();
    node.serves().await;
    assert!(since.elapsed() < READY, "{:?}", since.elapsed());
    node.client().joined("ada").await;
}
