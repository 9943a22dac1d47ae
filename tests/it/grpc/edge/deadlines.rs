//! `grpc-timeout` is honoured, and no call outlives the server's own limit.

use std::time::Duration;

use http::uri::PathAndQuery;
use tokio::time::Instant;
use tonic::{Code, Request, Status, client::Grpc};

use crate::support::{
    client::reason,
    contract,
    service::{Engines, Ground, Node, start},
    wire::{self, Raw},
};

/// What a call is answered whose message never comes.
async fn hang(node: &Node, method: &str, timeout: &str) -> (Status, Duration) {
    let began = Instant::now();
    let metadata = wire::metadata(&[("grpc-timeout", timeout)]);
    let never = futures_util::stream::pending();
    let answer = wire::streaming(&node.channel(), &wire::own(method), metadata, never).await;
    (answer.unwrap_err(), began.elapsed())
}

/// The refusal of a call whose message never comes, and when it came.
///
/// Without a socket, since the client of the library would end the call by itself at about the same time.
async fn refusal(node: &Node, method: &str, timeout: &str) -> (Status, Duration) {
    let (_, health) = tonic_health::server::health_reporter();
    let edge = accountd::grpc::routes(&node.app, &node.ground.settings.grpc, health);
    let began = Instant::now();
    let metadata = wire::metadata(&[("grpc-timeout", timeout)]);
    let never = futures_util::stream::pending::<Vec<u8>>();
    let request = Request::from_parts(metadata, tonic::Extensions::default(), never);
    let path = PathAndQuery::try_from(wire::own(method)).unwrap();
    let mut grpc = Grpc::new(edge);
    grpc.ready().await.unwrap();
    let status = grpc.client_streaming(request, path, Raw).await.unwrap_err();
    (status, began.elapsed())
}

#[tokio::test]
async fn pr_06_a_passed_deadline_is_told_with_its_reason() {
    let node = start(Engines::Embedded).await;
    for method in contract::methods() {
        let (status, took) = refusal(&node, &method.name, "100m").await;
        assert_eq!(status.code(), Code::DeadlineExceeded, "{}", method.name);
        assert_eq!(reason(&status), "DEADLINE_EXCEEDED", "{}", method.name);
        assert!(
            took >= Duration::from_millis(80) && took < Duration::from_secs(5),
            "{took:?}"
        );
    }
}

#[tokio::test]
async fn pr_06_a_deadline_of_nothing_is_over_at_once() {
    let node = start(Engines::Embedded).await;
    for timeout in ["0S", "0n", "1n", "1u"] {
        let (status, took) = refusal(&node, "Login", timeout).await;
        assert_eq!(reason(&status), "DEADLINE_EXCEEDED", "{timeout}");
        assert!(took < Duration::from_secs(1), "{timeout}: {took:?}");
    }
}

#[tokio::test]
async fn pr_06_garbage_and_ages_fall_back_to_the_servers_limit() {
    let ground = Ground::with(Engines::Embedded, |settings| {
        settings.grpc.request_deadline = Duration::from_millis(300);
    });
    let node = ground.await.node().await;
    for timeout in [
        "99999999H",
        "soon",
        "",
        "-1S",
        "1",
        "S",
        "123456789S",
        "1x",
        "٣S",
    ] {
        let (status, took) = hang(&node, "GetCurrent", timeout).await;
        assert_eq!(reason(&status), "DEADLINE_EXCEEDED", "{timeout}");
        assert!(took >= Duration::from_millis(250), "{timeout}: {took:?}");
        assert!(took < Duration::from_secs(10), "{timeout}: {took:?}");
    }
}
