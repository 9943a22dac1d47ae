//! PR-01, PR-02: frames that cost the server more than the client.

use std::{io, time::Duration};

use tokio::io::AsyncWriteExt as _;

use super::assert_serves_others;
use crate::support::{
    http2::{Connection, call_headers, flag, frame, kind},
    service::{Engines, start},
    wire,
};

/// Memory that this process holds, in KiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sends until the server has had enough, while its answers are read and thrown away; how many bytes it took.
async fn flood(connection: Connection, chunk: &[u8], times: usize) -> io::Result<()> {
    let (mut reading, mut writing) = connection.socket.into_split();
    let sink =
        tokio::spawn(async move { tokio::io::copy(&mut reading, &mut tokio::io::sink()).await });
    for _ in 0..times {
        writing.write_all(chunk).await?;
    }
    // The last bytes are on their way when the server hangs up.
    tokio::time::timeout(Duration::from_secs(10), sink)
        .await
        .map_err(|_| io::Error::other("the connection is still open"))?
        .map_err(io::Error::other)?
        .and(Err(io::ErrorKind::ConnectionReset.into()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_01_streams_opened_and_reset_end_the_connection() {
    let node = start(Engines::Embedded).await;
    let mut connection = Connection::open(node.address).await;
    let block = call_headers(&wire::own("Login"), &[]);
    let mut ended = false;
    for number in 0..10_000 {
        let stream = number * 2 + 1;
        let mut bytes = frame(kind::HEADERS, flag::END_HEADERS, stream, &block);
        // CANCEL.
        bytes.extend(frame(kind::RST_STREAM, 0, stream, &[0, 0, 0, 8]));
        if connection.socket.write_all(&bytes).await.is_err() {
            ended = true;
            break;
        }
    }
    assert!(ended || connection.is_ended_within(Duration::from_secs(10)).await);
    assert_serves_others(&node).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_02_headers_without_end_are_refused() {
    let node = start(Engines::Embedded).await;
    let before = memory();
    let mut connection = Connection::open(node.address).await;
    let block = call_headers(&wire::own("Login"), &[]);
    connection.send(kind::HEADERS, 0, 1, &block).await.unwrap();
    let mut entry = Vec::new();
    crate::support::http2::literal(b"x-endless", &[b'x'; 4000], &mut entry);
    let bytes = frame(kind::CONTINUATION, 0, 1, &entry);
    flood(connection, &bytes, 4000)
        .await
        .expect_err("16 MB of headers are taken");
    assert!(
        memory() < before + 8 * 1024,
        "{} KiB more",
        memory() - before
    );
    assert_serves_others(&node).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_02_floods_of_small_frames_take_no_memory() {
    let node = start(Engines::Embedded).await;
    assert_serves_others(&node).await;
    let before = memory();
    let floods = [
        frame(kind::PING, 0, 0, &[7; 8]),
        frame(kind::SETTINGS, 0, 0, &[]),
        frame(kind::WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
        frame(kind::DATA, 0, 1, &[]),
    ];
    for flooding in floods {
        let mut connection = Connection::open(node.address).await;
        connection.begin(1, &wire::own("Login"), &[]).await.unwrap();
        let chunk = flooding.repeat(100);
        let (mut reading, mut writing) = connection.socket.into_split();
        // Answers are not read at first: what the server would say must not pile up in it.
        let sending = async {
            for _ in 0..500 {
                if writing.write_all(&chunk).await.is_err() {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(2), sending).await;
        assert_serves_others(&node).await;
        let held = memory().saturating_sub(before);
        assert!(held < 32 * 1024, "{held} KiB more");
        let mut sink = tokio::io::sink();
        let drain = tokio::io::copy(&mut reading, &mut sink);
        let _ = tokio::time::timeout(Duration::from_millis(100), drain).await;
    }
}
