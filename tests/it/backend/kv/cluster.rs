//! On a Redis Cluster.

use accountd::backend::{
    Clock, Kv,
    kv::{Mode, OpenError, Options, RedisOptions},
};
use redis::cmd;

use super::{Bench, bench::patient};
use crate::support::redis::Cluster;

/// One test, since a cluster takes a while to come together.
#[tokio::test]
async fn lc_04_a_cluster_behaves_like_one_server_and_every_master_must_keep_its_keys() {
    let cluster = Cluster::start().await;
    let options = RedisOptions {
        mode: Mode::Cluster,
        ..patient(cluster.urls())
    };
    let bench = Bench::on(options.clone()).await;
    super::all(&bench).await;
    bench.kv.ping().await.unwrap();
    bench.every_key_has_a_ttl().await;

    let mut set = cmd("CONFIG");
    set.arg("SET").arg("maxmemory-policy").arg("volatile-lru");
    let mut last = cluster.nodes()[2].connection().await;
    set.exec_async(&mut last).await.unwrap();
    let refused = Kv::open(Options::Redis(options), Clock::System).await;
    let policy = OpenError::EvictionPolicy("volatile-lru".to_owned());
    assert_eq!(refused.err(), Some(policy));
}
