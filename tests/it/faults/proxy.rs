//! The proxy and the cluster do what the other tests here rely on.

use std::time::Duration;

use redis::{AsyncConnectionConfig, aio::MultiplexedConnection, cmd};
use tokio::time::{Instant, timeout};

use crate::support::{
    cluster::Cluster, redis::Server, service::on_both_engines, tcp_proxy::TcpProxy,
};

/// How long a call that is to hang is waited for.
const HANG: Duration = Duration::from_millis(300);

async fn dial(proxy: &TcpProxy) -> redis::RedisResult<MultiplexedConnection> {
    let url = format!("redis://127.0.0.1:{}", proxy.port);
    let client = redis::Client::open(url).unwrap();
    // The client's own limits would end what is to hang.
    let patient = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None);
    client
        .get_multiplexed_async_connection_with_config(&patient)
        .await
}

async fn proxied() -> (Server, TcpProxy) {
    let server = Server::start().await;
    let proxy = TcpProxy::before("127.0.0.1", server.port()).await;
    (server, proxy)
}

async fn count(connection: &mut MultiplexedConnection) -> redis::RedisResult<u64> {
    cmd("INCR").arg("counter").query_async(connection).await
}

#[tokio::test]
async fn what_is_passed_arrives_and_what_is_cut_or_refused_does_not() {
    let (_server, proxy) = proxied().await;
    let mut one = dial(&proxy).await.unwrap();
    assert_eq!(count(&mut one).await.unwrap(), 1);
    proxy.cut();
    count(&mut one).await.unwrap_err();
    let mut two = dial(&proxy).await.unwrap();
    assert_eq!(count(&mut two).await.unwrap(), 2);
    proxy.refuse();
    count(&mut two).await.unwrap_err();
    dial(&proxy).await.unwrap_err();
    proxy.pass();
    let mut three = dial(&proxy).await.unwrap();
    assert_eq!(count(&mut three).await.unwrap(), 3);
    assert_eq!(proxy.standing(), 1);
    assert!(proxy.connections() >= 4, "{}", proxy.connections());
}

#[tokio::test]
async fn silence_holds_everything_and_its_end_cuts_what_it_held() {
    let (_server, proxy) = proxied().await;
    let mut one = dial(&proxy).await.unwrap();
    proxy.silence();
    let mut held = one.clone();
    let held = tokio::spawn(async move { count(&mut held).await });
    let new = async { count(&mut dial(&proxy).await?).await };
    timeout(HANG, new).await.unwrap_err();
    assert!(!held.is_finished());
    proxy.pass();
    held.await.unwrap().unwrap_err();
    count(&mut one).await.unwrap_err();
    let mut two = dial(&proxy).await.unwrap();
    assert_eq!(count(&mut two).await.unwrap(), 1, "nothing came through");
}

#[tokio::test]
async fn slowness_is_in_both_directions() {
    let (_server, proxy) = proxied().await;
    let mut one = dial(&proxy).await.unwrap();
    proxy.slow(HANG / 2);
    let since = Instant::now();
    count(&mut one).await.unwrap();
    assert!(since.elapsed() >= HANG, "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_pattern_cuts_before_or_after_the_effect() {
    let (_server, proxy) = proxied().await;
    let mut one = dial(&proxy).await.unwrap();
    proxy.cut_before("INCR", 1);
    count(&mut one).await.unwrap_err();
    let mut two = dial(&proxy).await.unwrap();
    assert_eq!(count(&mut two).await.unwrap(), 1, "no effect");
    proxy.lose_reply_after(b"INCR", 1);
    count(&mut two).await.unwrap_err();
    let mut three = dial(&proxy).await.unwrap();
    assert_eq!(count(&mut three).await.unwrap(), 3, "effect without reply");
    proxy.until_fired(2).await;
    assert_eq!(proxy.fired(), 2);
    proxy.lose_reply_after("INCR", 1);
    proxy.forget_patterns();
    assert_eq!(count(&mut three).await.unwrap(), 4);
}

on_both_engines! {
    async fn a_node_that_is_killed_stopped_or_ended_comes_back_with_its_data(engines) {
        let mut cluster = Cluster::start(engines, 1, &[]).await;
        let ada = cluster.node(0).client().joined("ada").await;
        cluster.kill(0);
        ada.current().await.unwrap_err();
        cluster.restart(0).await;
        ada.current().await.unwrap();
        cluster.stop(0).await;
        timeout(HANG, ada.current()).await.unwrap_err();
        cluster.resume(0);
        ada.current().await.unwrap();
        assert!(cluster.terminate(0).await.success());
        ada.current().await.unwrap_err();
        cluster.restart(0).await;
        assert_eq!(ada.current().await.unwrap().username, "ada");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_are_one_service() {
    let cluster = Cluster::start(crate::support::service::Engines::Production, 2, &[]).await;
    let ada = cluster.node(0).client().joined("ada").await;
    let there = cluster.node(1).client();
    let there = there.with(ada.token.as_ref().unwrap());
    there.current().await.unwrap();
    there.logout().await.unwrap();
    ada.current().await.unwrap_err();
    assert_eq!(cluster.nodes().len(), 2);
    assert!(cluster.outside().mail.connections() > 0);
}
