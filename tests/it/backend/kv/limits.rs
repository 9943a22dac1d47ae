//! Limits.

use std::time::Duration;

use accountd::backend::kv::{Rate, Taken};
use futures_util::future::join_all;

use super::Bench;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

fn wait(taken: Taken) -> Duration {
    match taken {
        Taken::Wait(wait) => wait,
        Taken::Granted => panic!("granted"),
    }
}

async fn take(bench: &Bench, bucket: &str, burst: u32, period: Duration) -> Taken {
    bench.kv.take(bucket, Rate { burst, period }).await.unwrap()
}

pub async fn a_full_bucket_grants_a_burst_and_then_one_token_per_period(bench: &Bench) {
    for _ in 0..3 {
        assert_eq!(take(bench, "burst", 3, SECOND).await, Taken::Granted);
    }
    let wait = wait(take(bench, "burst", 3, SECOND).await);
    assert!(!wait.is_zero() && wait <= SECOND, "{wait:?}");
    bench.pass(wait).await;
    assert_eq!(take(bench, "burst", 3, SECOND).await, Taken::Granted);
    assert_ne!(take(bench, "burst", 3, SECOND).await, Taken::Granted);
}

pub async fn a_refusal_costs_no_token(bench: &Bench) {
    assert_eq!(take(bench, "refusal", 1, HOUR).await, Taken::Granted);
    for _ in 0..20 {
        let wait = wait(take(bench, "refusal", 1, HOUR).await);
        assert!(
            wait <= HOUR && wait + Duration::from_mins(1) > HOUR,
            "{wait:?}"
        );
    }
}

pub async fn ov_04_buckets_are_apart_and_can_be_forgotten(bench: &Bench) {
    assert_eq!(take(bench, "apart-1", 1, HOUR).await, Taken::Granted);
    assert_eq!(take(bench, "apart-2", 1, HOUR).await, Taken::Granted);
    bench.kv.forget("apart-1").await.unwrap();
    bench.kv.forget("apart-3").await.unwrap();
    assert_eq!(take(bench, "apart-1", 1, HOUR).await, Taken::Granted);
    assert_ne!(take(bench, "apart-2", 1, HOUR).await, Taken::Granted);
}

pub async fn of_parallel_calls_only_the_burst_is_granted(bench: &Bench) {
    let rate = Rate {
        burst: 7,
        period: HOUR,
    };
    let takes = (0..100).map(|_| {
        let kv = bench.kv.clone();
        tokio::spawn(async move { kv.take("parallel", rate).await })
    });
    let outcomes = join_all(takes).await;
    let granted = outcomes
        .into_iter()
        .filter(|taken| matches!(taken, Ok(Ok(Taken::Granted))));
    assert_eq!(granted.count(), 7);
}

pub async fn a_bucket_of_size_zero_grants_nothing(bench: &Bench) {
    assert_ne!(take(bench, "zero", 0, SECOND).await, Taken::Granted);
    assert_ne!(take(bench, "zero", 0, Duration::ZERO).await, Taken::Granted);
}

pub async fn extreme_rates_are_cut(bench: &Bench) {
    let max = Duration::MAX;
    assert_eq!(take(bench, "extreme", u32::MAX, max).await, Taken::Granted);
    assert_eq!(take(bench, "free", 1, Duration::ZERO).await, Taken::Granted);
    // A bucket that a slow rate has emptied for a year is at most empty under a fast one.
    let wait = wait(take(bench, "extreme", 2, SECOND).await);
    assert!(wait <= SECOND, "{wait:?}");
}
