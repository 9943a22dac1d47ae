//! PR-08: message envelopes whose flag or length lies.

use std::time::Duration;

use super::assert_serves_others;
use crate::support::{
    http2::{Connection, Frame, flag, kind, message},
    service::{Engines, Ground, Node},
    wire,
};

async fn node() -> Node {
    let ground = Ground::with(Engines::Embedded, |settings| {
        settings.grpc.request_deadline = Duration::from_secs(1);
    });
    ground.await.node().await
}

/// Whether a call with that body ends by itself, on a connection that goes on.
async fn ends(node: &Node, body: &[u8], flags: u8) -> Vec<Frame> {
    let mut connection = Connection::open(node.address).await;
    connection
        .begin(1, &wire::own("GetCurrent"), &[])
        .await
        .unwrap();
    connection.send(kind::DATA, flags, 1, body).await.unwrap();
    let is_end = |frame: &Frame| {
        let ends = frame.flags & flag::END_STREAM != 0 || frame.kind == kind::RST_STREAM;
        frame.stream == 1 && ends
    };
    let frames = connection.until(is_end).await;
    assert!(
        frames.last().is_some_and(is_end),
        "the call does not end: {frames:?}"
    );
    // The connection serves the next call.
    connection
        .begin(3, &wire::own("GetCurrent"), &[])
        .await
        .unwrap();
    connection
        .send(kind::DATA, flag::END_STREAM, 3, &message(0, 0, &[]))
        .await
        .unwrap();
    let next = connection.until(|frame| frame.stream == 3).await;
    assert_eq!(
        next.last().map(|frame| frame.kind),
        Some(kind::HEADERS),
        "{next:?}"
    );
    frames
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_08_lying_envelopes_end_their_call_and_nothing_else() {
    let node = node().await;
    for (what, body) in [
        ("nothing at all", Vec::new()),
        ("half a head", vec![0, 0, 0]),
        ("a length beyond the body", message(0, 100, b"short")),
        ("a length within the body", message(0, 1, b"long")),
        ("a length of 4 GiB", message(0, u32::MAX, b"")),
        ("the flag 255", message(255, 0, b"")),
        (
            "a compressed message without an encoding",
            message(1, 2, b"ab"),
        ),
        (
            "two messages",
            [message(0, 0, b""), message(0, 0, b"")].concat(),
        ),
    ] {
        let frames = ends(&node, &body, flag::END_STREAM).await;
        assert!(!frames.is_empty(), "{what}");
    }
    assert_serves_others(&node).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_08_a_message_that_never_ends_is_ended_by_the_deadline() {
    let node = node().await;
    ends(&node, &message(0, 1000, b"and then nothing"), 0).await;
}
