//! PR-03: connections that say nothing, or hardly anything.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use super::assert_serves_others;
use crate::support::{
    client::reason,
    http2::{Connection, GREETING},
    service::{Engines, Ground, Node, start},
    wire,
};

/// A node with few places and little patience.
async fn impatient(places: usize) -> Node {
    let ground = Ground::with(Engines::Embedded, |settings| {
        settings.grpc.max_connections = places;
        settings.grpc.keepalive_interval = Duration::from_secs(1);
        settings.grpc.keepalive_timeout = Duration::from_secs(1);
    });
    ground.await.node().await
}

async fn is_hung_up(socket: &mut TcpStream, most: Duration) -> bool {
    let mut bytes = Vec::new();
    timeout(most, socket.read_to_end(&mut bytes)).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_03_idle_connections_do_not_slow_a_new_one() {
    let node = start(Engines::Embedded).await;
    let mut idle = Vec::new();
    for number in 0..1000 {
        let mut socket = TcpStream::connect(node.address).await.unwrap();
        if number % 2 == 0 {
            socket.write_all(GREETING).await.unwrap();
        }
        idle.push(socket);
    }
    assert_serves_others(&node).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_03_a_silent_connection_loses_its_place() {
    let node = impatient(4).await;
    let mut silent = Vec::new();
    for said in [&b""[..], &GREETING[..10], &GREETING[..10]] {
        let mut socket = TcpStream::connect(node.address).await.unwrap();
        socket.write_all(said).await.unwrap();
        silent.push(socket);
    }
    // The node's own client has the fourth place; a fifth connection waits for one.
    let began = Instant::now();
    let mut late = Connection::open(node.address).await;
    late.next()
        .await
        .expect("a place within the patience of the server");
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    for socket in &mut silent {
        assert!(is_hung_up(socket, Duration::from_secs(5)).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_03_a_client_that_answers_no_ping_is_hung_up_on() {
    let node = impatient(16).await;
    let mut connection = Connection::open(node.address).await;
    connection.begin(1, &wire::own("Login"), &[]).await.unwrap();
    assert!(connection.is_ended_within(Duration::from_secs(10)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_03_a_client_of_the_library_stays_however_idle() {
    let node = impatient(16).await;
    let channel = node.channel();
    sleep(Duration::from_secs(5)).await;
    let path = wire::own("GetCurrent");
    let answer = wire::unary(&channel, &path, wire::bearer(None), Vec::new()).await;
    assert_eq!(reason(&answer.unwrap_err()), "TOKEN_MISSING");
}
