//! Redis servers that forget, refuse or are not what the configuration says.

use redis::cmd;

use super::{SECRET, examine};
use crate::support::{
    installation::Installation,
    redis::{Cluster, Server, Watched, free_port},
};

fn with_redis(url: &str) -> Installation {
    Installation::new()
        .with("ACCOUNTD_KV__KIND", "redis")
        .with("ACCOUNTD_KV__URLS", url)
}

#[tokio::test]
async fn a_redis_that_forgets_is_told() {
    let redis = Server::start_with(&["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"]);
    let redis = redis.await;
    let words = [
        "allkeys-lru",
        "noeviction",
        "keeps nothing on disk",
        "appendonly yes",
    ];
    examine(&with_redis(&redis.url())).fails_alone("kv", &words);
    let permitted = with_redis(&redis.url()).with("ACCOUNTD_KV__ALLOW_EVICTION", "true");
    let told = examine(&permitted);
    assert_eq!(told.code, Some(0), "{:#}", told.json);
    told.says("kv", "warning", &["allkeys-lru", "kv.allow_eviction"]);
}

#[tokio::test]
async fn how_a_redis_writes_to_its_disk_is_told() {
    let snapshots = Server::start_with(&["--save", "60 1000"]).await;
    let told = examine(&with_redis(&snapshots.url()));
    told.says("kv", "warning", &["snapshots alone (save 60 1000)"]);
    let lazy = Server::start_with(&["--appendonly", "yes", "--appendfsync", "no"]).await;
    let told = examine(&with_redis(&lazy.url()));
    told.says("kv", "warning", &["appendfsync no", "appendfsync everysec"]);
}

#[tokio::test]
async fn what_a_managed_redis_forbids_is_named() {
    let redis = Server::start_with(&["--appendonly", "yes"]).await;
    let mut connection = redis.connection().await;
    for (user, forbidden) in [("managed", "-config"), ("blind", "-info")] {
        let mut set = cmd("ACL");
        set.arg("SETUSER").arg(user).arg("on");
        set.arg(format!(">{SECRET}")).arg("~*").arg("&*");
        set.arg("+@all").arg(forbidden);
        set.exec_async(&mut connection).await.unwrap();
    }
    let url = |user: &str| format!("redis://{user}:{SECRET}@127.0.0.1:{}", redis.port());
    let told = examine(&with_redis(&url("managed")));
    told.says("kv", "ok", &["evicts nothing", "CONFIG is forbidden"]);
    let told = examine(&with_redis(&url("blind")));
    told.fails_alone(
        "kv",
        &["forbids INFO", "maxmemory-policy could not be seen"],
    );
}

#[tokio::test]
async fn a_redis_that_does_not_let_us_in_is_told_without_the_password() {
    let told = examine(&with_redis(&format!("redis://127.0.0.1:{}", free_port())));
    told.fails_alone("kv", &["unavailable", "kv.urls"]);
    let redis = Server::start().await;
    let spoilt = with_redis(&redis.url()).with("ACCOUNTD_KV__PREFIX", "a{b}");
    examine(&spoilt).fails_alone("kv", &["kv.prefix"]);
    let url = format!("redis://ada:{SECRET}@127.0.0.1:{}", redis.port());
    examine(&with_redis(&url)).fails_alone("kv", &["credentials", "kv.urls"]);
}

#[tokio::test]
async fn a_replica_or_part_of_a_cluster_is_no_single_redis() {
    let master = Server::start().await;
    let port = master.port().to_string();
    let replica = Server::start_with(&["--replicaof", "127.0.0.1", &port]).await;
    examine(&with_redis(&replica.url())).fails_alone("kv", &["replica", "sentinel"]);
    let cluster = Cluster::start().await;
    let urls = cluster.urls();
    examine(&with_redis(&urls[0])).fails_alone("kv", &["kv.mode", "`cluster`"]);
    let whole = with_redis(&urls.join(",")).with("ACCOUNTD_KV__MODE", "cluster");
    let told = examine(&whole);
    assert_eq!(told.code, Some(0), "{:#}", told.json);
    told.says("kv", "warning", &["no replica could take over"]);
    for node in cluster.nodes() {
        told.says(
            "kv",
            "warning",
            &[&format!("Redis at 127.0.0.1:{}", node.port())],
        );
        told.says("clock", "ok", &[&format!(":{} agrees", node.port())]);
    }
}

#[tokio::test]
async fn the_master_behind_a_sentinel_is_looked_at() {
    let watched = Watched::start().await;
    let accountd = with_redis(&watched.url())
        .with("ACCOUNTD_KV__MODE", "sentinel")
        .with("ACCOUNTD_KV__SENTINEL_MASTER", "main");
    let told = examine(&accountd);
    assert_eq!(told.code, Some(0), "{:#}", told.json);
    told.says("kv", "warning", &["1 replica;", "keeps nothing on disk"]);
}
