//! PX-04: nodes are replaced one after another, under load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use accountd::proto::UpdateRequest;
use tokio::{
    task::JoinSet,
    time::{interval, sleep},
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::support::{client::Client, cluster::Cluster, service::Engines};

/// Two hundred calls a second.
const EVERY: Duration = Duration::from_millis(5);
/// How often a call is tried, as gRPC clients do by their retry policy.
const TRIES: usize = 8;
/// Who make the calls: many on one account would wait for its row.
const PEOPLE: usize = 12;
const RESTARTS: usize = 8;

/// One call of the load: mostly reads, and changes that bear a name.
async fn call(client: &Client, number: usize, name: &str) -> Result<(), Status> {
    if number.is_multiple_of(5) {
        let change = UpdateRequest {
            full_name: format!("Ada {number}"),
            request_id: name.to_owned(),
            ..UpdateRequest::default()
        };
        client.update(change).await.map(drop)
    } else {
        client.current().await.map(drop)
    }
}

/// Whether a client's policy tries such a call again: the service said so, or the connection closed before it was sent,
/// which this client's library tells as cancelled where others try again by themselves.
fn may_be_tried_again(status: &Status) -> bool {
    status.code() == Code::Unavailable || status.get_details_error_info().is_none()
}

/// Tries a call on one node after another, while that is what a client's policy does.
async fn insist(clients: &[Client; 2], number: usize) -> Result<(), Status> {
    let name =
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number as u128).to_string();
    let mut told = Status::unavailable("never tried");
    for attempt in 0..TRIES {
        match call(&clients[(number + attempt) % 2], number, &name).await {
            Err(status) if may_be_tried_again(&status) => told = status,
            done => return done,
        }
        sleep(Duration::from_millis(20 << attempt.min(5))).await;
    }
    Err(told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_04_rolling_restarts_fail_no_call_that_is_tried_again() {
    let mut cluster = Cluster::start(Engines::Production, 2, &[]).await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let client = cluster.node(0).client();
        let token = client
            .joined(&format!("person{number}"))
            .await
            .token
            .unwrap();
        people.push([0, 1].map(|node| cluster.node(node).client().with(&token)));
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicUsize::new(0));
    let load = tokio::spawn({
        let (is_over, made) = (Arc::clone(&is_over), Arc::clone(&made));
        async move {
            let mut calls = JoinSet::new();
            let mut beat = interval(EVERY);
            while !is_over.load(Ordering::SeqCst) {
                beat.tick().await;
                let number = made.fetch_add(1, Ordering::SeqCst);
                let clients = people[number % PEOPLE].clone();
                calls.spawn(async move { insist(&clients, number).await });
            }
            let mut failed = Vec::new();
            while let Some(done) = calls.join_next().await {
                failed.extend(done.unwrap().err());
            }
            failed
        }
    });
    for restart in 0..RESTARTS {
        let node = restart % 2;
        let ended = cluster.terminate(node).await;
        assert!(ended.success(), "it ends in order: {ended:?}");
        cluster.restart(node).await;
    }
    is_over.store(true, Ordering::SeqCst);
    let failed = load.await.unwrap();
    let made = made.load(Ordering::SeqCst);
    println!(
        "{made} calls over {RESTARTS} restarts, {} failed",
        failed.len()
    );
    assert!(made > 200, "there was load");
    assert!(
        failed.is_empty(),
        "{} of {made} failed, such as {:?}",
        failed.len(),
        failed[0]
    );
}
