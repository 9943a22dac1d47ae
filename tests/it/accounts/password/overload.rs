//! More passwords than can be hashed.

use std::time::Duration;

use accountd::accounts::password::{HashError, HashOptions, HashPool};
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{cheap, password, pool, slow};
use crate::support::waiting::until;

/// Waits until the one thread is at work and nobody waits.
async fn busy(pool: &HashPool) {
    let is_at_work = || pool.running() == 1 && pool.waiting() == 0;
    until("the thread is at work", is_at_work).await;
}

fn start_one(pool: &HashPool) -> tokio::task::JoinHandle<Result<String, HashError>> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.hash(password("rahasia"), None).await })
}

#[tokio::test]
async fn ov_01_a_full_queue_refuses_at_once() {
    let pool = pool(slow());
    let first = start_one(&pool);
    busy(&pool).await;

    let rest = join_all((0..10).map(|_| pool.hash(password("rahasia"), None))).await;

    let refused: Vec<_> = rest
        .iter()
        .filter_map(|result| result.as_ref().err())
        .collect();
    assert_eq!(refused.len(), 8, "two places, ten callers");
    for error in refused {
        let HashError::Overloaded { retry_after } = error else {
            panic!("{error}");
        };
        assert!(*retry_after > Duration::ZERO);
    }
    assert!(first.await.unwrap().is_ok());
    assert_eq!(pool.tally().executed, 3);
    assert_eq!(pool.tally().refused, 8);
    assert_eq!(pool.waiting(), 0);
}

#[tokio::test]
async fn ov_01_a_deadline_before_the_turn_is_refused_at_once() {
    let pool = pool(slow());
    let first = start_one(&pool);
    busy(&pool).await;

    let soon = Some(Instant::now() + Duration::from_millis(1));
    let refused = pool.hash(password("rahasia"), soon).await;
    assert!(
        matches!(refused, Err(HashError::Overloaded { .. })),
        "{refused:?}"
    );
    assert!(
        !first.is_finished(),
        "the refusal did not wait for the thread"
    );

    let later = Some(Instant::now() + Duration::from_mins(10));
    assert!(pool.hash(password("rahasia"), later).await.is_ok());
    let past = Some(Instant::now());
    let refused = pool.verify_nobody(password("rahasia"), past).await;
    assert!(
        matches!(refused, Err(HashError::Overloaded { .. })),
        "{refused:?}"
    );
    assert_eq!(pool.tally().executed, 2);
}

#[tokio::test]
async fn ov_01_a_caller_that_has_gone_is_skipped_and_frees_its_place() {
    let pool = pool(slow());
    let first = start_one(&pool);
    busy(&pool).await;
    let gone = [start_one(&pool), start_one(&pool)];
    until("two wait", || pool.waiting() == 2).await;
    for task in gone {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }

    // The queue has two places: both are free again.
    let rest = join_all((0..2).map(|_| pool.hash(password("rahasia"), None))).await;

    assert!(rest.iter().all(Result::is_ok));
    assert!(first.await.unwrap().is_ok());
    assert_eq!(pool.tally().executed, 3);
    assert_eq!(pool.tally().skipped, 2);
    assert_eq!(pool.tally().refused, 0);
}

#[tokio::test]
async fn ov_01_memory_is_taken_with_the_first_job_and_used_again() {
    let pool = pool(cheap());
    assert_eq!(pool.tally().allocations, 0);
    let phc = pool.hash(password("rahasia"), None).await.unwrap();
    for _ in 0..5 {
        pool.verify(password("x"), phc.clone(), None).await.unwrap();
    }
    assert_eq!(pool.tally().allocations, 1);

    let larger = phc.replace("m=64", "m=256");
    for phc in [larger, phc] {
        pool.verify(password("x"), phc, None).await.unwrap();
    }
    assert_eq!(
        pool.tally().allocations,
        3,
        "what a larger hash takes is given back"
    );
}

#[tokio::test]
async fn ov_02_an_unknown_account_costs_the_same() {
    let pool = pool(cheap());
    let phc = pool.hash(password("rahasia"), None).await.unwrap();

    let before = pool.tally();
    pool.verify(password("wrong"), phc, None).await.unwrap();
    let wrong = pool.tally();
    pool.verify_nobody(password("wrong"), None).await.unwrap();
    let nobody = pool.tally();

    assert_eq!(wrong.executed - before.executed, 1);
    assert_eq!(nobody.executed - wrong.executed, 1);
    let work = wrong.kib_passes - before.kib_passes;
    assert_eq!(work, 64 * 2);
    assert_eq!(nobody.kib_passes - wrong.kib_passes, work);
}

#[tokio::test]
async fn ov_02_an_unknown_account_is_shed_the_same() {
    let pool = pool(slow());
    let first = start_one(&pool);
    busy(&pool).await;

    let rest = join_all((0..5).map(|_| pool.verify_nobody(password("x"), None))).await;

    assert_eq!(rest.iter().filter(|result| result.is_err()).count(), 3);
    assert!(first.await.unwrap().is_ok());
}

#[tokio::test]
async fn several_threads_share_the_work() {
    let options = HashOptions {
        threads: 3,
        queue: 32,
        ..cheap()
    };
    let pool = pool(options);
    let all = join_all((0..32).map(|_| pool.hash(password("rahasia"), None))).await;
    assert!(all.iter().all(Result::is_ok));
    let tally = pool.tally();
    assert_eq!(tally.executed, 32);
    assert!((1..=3).contains(&tally.allocations), "{tally:?}");
}
