//! The most memory that the server takes for many clients at once.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::{people, photo, process::Process, transfers};

/// Just under the limit of 5 MiB, and with almost as many pixels as fit the limit of memory.
const LARGE: usize = 5_200_000;
const LARGE_HEIGHT: u32 = 2208;
const LARGE_QUALITY: u8 = 95;
const UPLOADS: usize = 64;

const DOWNLOADS: usize = 500;
const KEPT: usize = 1_572_864;
const KEPT_HEIGHT: u32 = 1920;
/// Downloads over one connection.
const SHARED: usize = 10;
/// Bytes that a client takes before it has read any: fewer than a chunk has.
const WINDOW: u32 = 1024;
/// Time in which the server reads ahead as far as it does, and less than it waits for a silent client.
const SETTLING: Duration = Duration::from_secs(5);

/// Uploads of large files, each over a connection of its own.
pub(crate) async fn uploads() {
    let server = Process::accountd();
    let people = people::sign_up(&server, 4).await;
    let file = photo::jpeg_of(LARGE, LARGE_HEIGHT, LARGE_QUALITY);
    let idle = server.memory("VmRSS");
    server.forget_peak();
    let mut calls = JoinSet::new();
    for number in 0..UPLOADS {
        let channel = people::endpoint(&server).connect().await.unwrap();
        let person = people[number % people.len()].over(channel);
        let file = file.clone();
        calls.spawn(async move { transfers::upload(&person, &file).await });
    }
    calls.join_all().await;
    println!(
        "\npeak memory of {UPLOADS} uploads of {} bytes at once: {:.0} MiB (idle before: {idle:.0} MiB)",
        file.len(),
        server.memory("VmHWM"),
    );
}

/// Downloads by clients that read nothing.
pub(crate) async fn downloads() {
    let server = Process::accountd();
    let people = people::sign_up(&server, 1).await;
    transfers::upload(
        &people[0],
        &photo::jpeg_of(KEPT, KEPT_HEIGHT, photo::QUALITY),
    )
    .await;
    let mut clients = Vec::new();
    for _ in 0..DOWNLOADS / SHARED {
        let endpoint = people::endpoint(&server).initial_stream_window_size(WINDOW);
        clients.push(people[0].over(endpoint.connect().await.unwrap()));
    }
    let idle = server.memory("VmRSS");
    server.forget_peak();
    let mut streams = Vec::new();
    for client in &clients {
        for _ in 0..SHARED {
            streams.push(transfers::open(client).await);
        }
    }
    tokio::time::sleep(SETTLING).await;
    println!(
        "peak memory of {DOWNLOADS} downloads that nobody reads: {:.0} MiB (idle before: {idle:.0} MiB)",
        server.memory("VmHWM"),
    );
    drop(streams);
}
