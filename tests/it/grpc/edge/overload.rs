//! More work than there are threads for: what needs none of them goes on, and the rest is refused with a time to wait.

use std::{collections::BTreeMap, time::Duration};

use accountd::store::account;
use futures_util::future::join_all;
use sea_orm::EntityTrait as _;
use tokio::time::Instant;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{
    client::{PASSWORD, assert_refused, reason},
    health::{ServingStatus, check},
    raw::apart,
    service::{Engines, Ground, Node, on_both_engines},
    waiting::until,
};

/// How late an answer may be that waits for no thread: ten times the 100 ms of the catalogue, for a machine that other
/// tests run on. The queue that it must not wait in is longer.
const SOON: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ov_07_while_all_threads_hash_who_needs_none_is_answered_soon() {
    const WAITING: usize = 60;
    let mut ground = Ground::new(Engines::Embedded).await;
    ground.hash_memory_kib = 64 * 1024;
    let node = ground.node().await;
    let ada = node.client().joined("ada").await;
    let logins: Vec<_> = (0..WAITING)
        .map(|_| {
            let client = node.client();
            tokio::spawn(async move { client.login("ada", PASSWORD).await })
        })
        .collect();
    let hashing = &node.app.hashing;
    let is_full = || hashing.running() == 2 && hashing.waiting() >= WAITING / 2;
    until("all threads hash and others wait", is_full).await;
    let began = Instant::now();
    let mut times = Vec::new();
    while hashing.running() == 2 && hashing.waiting() > 0 && times.len() < 40 {
        let since = Instant::now();
        ada.current().await.unwrap();
        let health = check(&node.channel(), "").await.unwrap();
        assert_eq!(health, ServingStatus::Serving);
        times.push(since.elapsed());
    }
    let most = times.iter().max().unwrap();
    assert!(*most < SOON, "{most:?} of {times:?}");
    for login in logins {
        login.await.unwrap().unwrap();
    }
    let queue = began.elapsed();
    assert!(queue > *most * 2, "nobody would have waited: {queue:?}");
}

/// Threads that hash, and passwords that may wait for one.
const PLACES: usize = 2 + 16;

/// A node on which a hash takes a while and few may wait.
async fn narrow_node(engines: Engines) -> Node {
    let mut ground = Ground::new(engines).await;
    ground.hash_memory_kib = 32 * 1024;
    ground.hash_queue = 16;
    ground.node().await
}

/// Ten times the logins that fit, all at once. What those were answered that were not turned away.
///
/// No work is wasted: one hash for each that was looked at, none for the others, and no thread takes memory twice.
async fn flood(node: &Node, name: &str) -> Vec<Result<(), Status>> {
    let before = node.app.hashing.tally();
    let mut calls = Vec::new();
    for _ in 0..10 {
        let client = apart(node, &node.client()).await;
        for _ in 0..PLACES {
            let (client, name) = (client.clone(), name.to_owned());
            calls.push(async move { client.login(&name, PASSWORD).await.map(drop) });
        }
    }
    let calls: Vec<_> = calls.into_iter().map(tokio::spawn).collect();
    let (mut looked_at, mut shed) = (Vec::new(), 0);
    for call in calls {
        match call.await.unwrap() {
            Err(refused) if reason(&refused) == "OVERLOADED" => {
                assert_eq!(refused.code(), Code::ResourceExhausted);
                assert_says_when_to_come_back(&refused);
                shed += 1;
            }
            answer => looked_at.push(answer),
        }
    }
    let after = node.app.hashing.tally();
    assert!(shed > 0, "nobody was turned away");
    assert!(looked_at.len() >= PLACES, "{} of {PLACES}", looked_at.len());
    let hashed = usize::try_from(after.executed - before.executed).unwrap();
    let refused = usize::try_from(after.refused - before.refused).unwrap();
    assert_eq!((hashed, refused), (looked_at.len(), shed), "{after:?}");
    assert!(after.allocations <= 2, "{after:?}");
    looked_at
}

fn assert_says_when_to_come_back(refused: &Status) {
    let retry = refused
        .get_details_retry_info()
        .and_then(|info| info.retry_delay);
    assert!(
        retry.is_some_and(|wait| wait > Duration::ZERO),
        "{refused:?}"
    );
}

on_both_engines! {
    async fn ov_01_of_ten_times_the_logins_that_fit_those_that_are_taken_are_served(engines) {
        let node = narrow_node(engines).await;
        node.client().join("ada").await;
        for _ in 0..2 {
            for answer in flood(&node, "ada").await {
                answer.unwrap();
            }
        }
        // Nothing of it is left.
        node.client().login("ada", PASSWORD).await.unwrap();
        assert_eq!((node.app.hashing.running(), node.app.hashing.waiting()), (0, 0));
    }

    async fn ov_02_logins_under_names_that_nobody_has_cost_and_are_turned_away_the_same(engines) {
        let node = narrow_node(engines).await;
        let ada = node.client().joined("ada").await;
        for answer in flood(&node, "nobody").await {
            assert_refused(answer, Code::Unauthenticated, "INVALID_CREDENTIALS");
        }
        ada.current().await.unwrap();
        node.client().login("ada", PASSWORD).await.unwrap();
    }

    async fn ov_03_of_a_thousand_registrations_at_once_each_name_gets_one_owner(engines) {
        const NAMES: usize = 250;
        const TIMES: usize = 4;
        let mut ground = Ground::new(engines).await;
        ground.hash_memory_kib = 32 * 1024;
        ground.hash_queue = 16;
        let node = ground.node().await;
        let mut calls = Vec::new();
        for _ in 0..TIMES * 5 {
            let client = apart(&node, &node.client()).await;
            for _ in 0..NAMES / 5 {
                let number = calls.len() % NAMES;
                let client = client.clone();
                calls.push(tokio::spawn(async move {
                    let name = format!("person{number}");
                    let answer = client.register(client.registration(&name)).await;
                    (name, answer)
                }));
            }
        }
        assert_eq!(calls.len(), NAMES * TIMES);
        let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
        let mut shed = 0;
        for call in join_all(calls).await {
            let (name, answer) = call.unwrap();
            let Err(refused) = answer else {
                *accepted.entry(name).or_default() += 1;
                continue;
            };
            let why = reason(&refused);
            if why == "USERNAME_TAKEN" {
                continue;
            }
            let known = ["OVERLOADED", "CONFLICT", "DEPENDENCY_UNAVAILABLE"];
            assert!(known.contains(&why.as_str()), "{refused:?}");
            assert_says_when_to_come_back(&refused);
            shed += usize::from(why == "OVERLOADED");
        }
        assert!(shed > 0, "nobody was turned away: {accepted:?}");
        let owners = account::Entity::find().all(&node.app.db).await.unwrap();
        let mut names: Vec<String> = owners.into_iter().filter_map(|owner| owner.username).collect();
        names.sort();
        let expected: Vec<&String> = accepted.keys().collect();
        assert_eq!(names.iter().collect::<Vec<_>>(), expected, "one owner each, and none without an answer");
        for (name, count) in &accepted {
            let address = format!("{name}@example.com");
            let letters = node.client().mails_to(&address, *count).await.len();
            assert_eq!(letters, *count, "a letter for each that was accepted");
        }
        node.client().joined("late").await;
    }
}
