//! The memory that the server takes: for nobody, and for many clients at once.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::{
    Bench, photo,
    support::{
        people,
        process::Process,
        server::Accountd,
        table::{Aim, Row},
    },
    transfers,
};

/// Time in which a fresh process comes to rest.
const REST: Duration = Duration::from_secs(3);
/// What it may take then, in MiB.
const IDLE: f64 = 20.0;

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

/// Nothing configured, nobody there.
pub(crate) async fn idle(bench: &Bench) {
    let server = Accountd::untouched(&bench.binary);
    tokio::time::sleep(REST).await;
    let idle = server.process.memory("VmRSS");
    let row = Row {
        figure: String::from("Idle memory, embedded default"),
        ours: format!("{idle:.1} MiB"),
        limit: String::new(),
        ratio: None,
        cpu: None,
        aim: Some(Aim::Stated(format!("≤ {IDLE} MiB"), idle <= IDLE)),
    };
    row.print();
}

/// Uploads of large files, each over a connection of its own.
pub(crate) async fn uploads(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &[]);
    let people = people::sign_up(&server, 4).await;
    let file = photo::jpeg_of(LARGE, LARGE_HEIGHT, LARGE_QUALITY);
    let idle = server.process.memory("VmRSS");
    server.process.forget_peak();
    let mut calls = JoinSet::new();
    for number in 0..UPLOADS {
        let channel = server.process.endpoint().connect().await.unwrap();
        let person = people[number % people.len()].over(channel);
        let file = file.clone();
        calls.spawn(async move { transfers::upload(&person, &file).await });
    }
    calls.join_all().await;
    let figure = format!("Peak memory of {UPLOADS} uploads of {} bytes", file.len());
    print(figure, &server.process, idle);
}

/// Downloads by clients that read nothing.
pub(crate) async fn downloads(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &[]);
    let people = people::sign_up(&server, 1).await;
    let photo = photo::jpeg_of(KEPT, KEPT_HEIGHT, photo::QUALITY);
    transfers::upload(&people[0], &photo).await;
    let mut clients = Vec::new();
    for _ in 0..DOWNLOADS / SHARED {
        let endpoint = server.process.endpoint().initial_stream_window_size(WINDOW);
        clients.push(people[0].over(endpoint.connect().await.unwrap()));
    }
    let idle = server.process.memory("VmRSS");
    server.process.forget_peak();
    let mut streams = Vec::new();
    for client in &clients {
        for _ in 0..SHARED {
            streams.push(transfers::open(client).await);
        }
    }
    tokio::time::sleep(SETTLING).await;
    let figure = format!("Peak memory of {DOWNLOADS} downloads that nobody reads");
    print(figure, &server.process, idle);
    drop(streams);
}

fn print(figure: String, server: &Process, idle: f64) {
    let row = Row {
        figure,
        ours: format!("{:.0} MiB, {idle:.0} MiB before", server.memory("VmHWM")),
        limit: String::new(),
        ratio: None,
        cpu: None,
        aim: None,
    };
    row.print();
}
