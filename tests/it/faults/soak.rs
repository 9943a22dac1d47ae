//! OV-08: many calls of all sorts leave the process as it was.

use std::fs;

use accountd::proto::UpdateRequest;
use futures_util::future::join_all;

use crate::support::{
    client::{Client, PASSWORD},
    cluster::{Cluster, Node},
    service::Engines,
};

/// Who call at a time.
const PEOPLE: usize = 8;
/// Rounds that bring everything to the size it has under such a load.
const WARM: usize = 15;
/// Rounds after that: ten thousand calls.
const ROUNDS: usize = 63;
/// What may come and go: less than two kilobytes for each call.
const SLACK_KIB: u64 = 16 * 1024;

/// Memory in use, in KiB, and open descriptors.
fn size(node: &Node) -> (u64, usize) {
    let process = format!("/proc/{}", node.served().id());
    let status = fs::read_to_string(format!("{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let memory = line.unwrap().split_whitespace().nth(1).unwrap();
    let files = fs::read_dir(format!("{process}/fd")).unwrap().count();
    (memory.parse().unwrap(), files)
}

/// Twenty calls: reads, a change, a login, and what ends it.
async fn round(ada: &Client, name: &str, number: usize) {
    for _ in 0..16 {
        ada.current().await.unwrap();
    }
    ada.update(UpdateRequest {
        full_name: format!("Number {number}"),
        ..UpdateRequest::default()
    })
    .await
    .unwrap();
    let tokens = ada.login(name, PASSWORD).await.unwrap().tokens.unwrap();
    let next = ada.refresh(&tokens.refresh_token).await.unwrap();
    ada.with(&next.access_token).logout().await.unwrap();
}

async fn live(people: &[(String, Client)], rounds: usize) {
    join_all(people.iter().map(|(name, client)| async move {
        for number in 0..rounds {
            round(client, name, number).await;
        }
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ov_08_ten_thousand_calls_leave_memory_and_descriptors_as_they_were() {
    let cluster = Cluster::start(Engines::Production, 1, &[]).await;
    let node = cluster.node(0);
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let name = format!("person{number}");
        let client = node.client().joined(&name).await;
        people.push((name, client));
    }
    live(&people, WARM).await;
    let (memory, files) = size(node);
    live(&people, ROUNDS).await;
    let (memory_then, files_then) = size(node);
    println!("{memory} KiB and {files} descriptors, then {memory_then} and {files_then}");
    assert!(
        memory_then < memory + SLACK_KIB,
        "{memory} KiB grew to {memory_then}"
    );
    // Connections of the pool come and go.
    assert!(
        files_then < files + 10,
        "{files} descriptors grew to {files_then}"
    );
}
