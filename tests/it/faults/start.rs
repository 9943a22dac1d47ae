//! Engines that are not there when the service starts.

use std::time::Duration;

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
