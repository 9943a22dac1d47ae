//! A Redis that may drop live keys.

use std::time::Duration;

use accountd::backend::{
    Clock, Kv,
    kv::{OpenError, Options, RedisOptions},
};
use redis::cmd;
use tokio::time::sleep;

use super::{Bench, bench::patient};
use crate::support::redis::{Server, free_port};

#[tokio::test]
async fn lc_04_a_redis_that_evicts_is_refused_unless_that_is_accepted() {
    let server = Server::start_with(&["--maxmemory-policy", "allkeys-lru"]).await;
    let options = patient(vec![server.url()]);
    let refused = Kv::open(Options::Redis(options.clone()), Clock::System).await;
    let error = refused.err().unwrap();
    assert_eq!(error, OpenError::EvictionPolicy("allkeys-lru".to_owned()));
    let advice = error.to_string();
    assert!(
        advice.contains("CONFIG SET maxmemory-policy noeviction"),
        "{advice}"
    );

    let bench = Bench::on(RedisOptions {
        allow_eviction: true,
        ..options
    })
    .await;
    bench.kv.ping().await.unwrap();
}

#[tokio::test]
async fn lc_04_a_redis_that_does_not_tell_is_refused() {
    let server = Server::start().await;
    let mut forbid = cmd("ACL");
    forbid.arg("SETUSER").arg("default").arg("-info");
    let mut connection = server.connection().await;
    forbid.exec_async(&mut connection).await.unwrap();
    let options = Options::Redis(patient(vec![server.url()]));
    let refused = Kv::open(options, Clock::System).await;
    assert_eq!(refused.err(), Some(OpenError::EvictionUnknown));
}

#[tokio::test]
async fn lc_04_a_redis_that_comes_late_and_evicts_is_not_used() {
    let port = free_port();
    let bench = Bench::on(patient(vec![format!("redis://127.0.0.1:{port}")])).await;
    let server = Server::start_on(port).await;
    let mut connection = server.connection().await;
    set_policy(&mut connection, "allkeys-random").await;
    sleep(Duration::from_millis(150)).await;
    for _ in 0..5 {
        let error = bench.kv.ping().await.unwrap_err().to_string();
        assert!(error.contains("refused for its configuration"), "{error}");
        sleep(Duration::from_millis(50)).await;
    }
    set_policy(&mut connection, "noeviction").await;
    super::faults::comes_back(&bench).await;
}

async fn set_policy(connection: &mut redis::aio::MultiplexedConnection, policy: &str) {
    let mut set = cmd("CONFIG");
    set.arg("SET").arg("maxmemory-policy").arg(policy);
    set.exec_async(connection).await.unwrap();
}
