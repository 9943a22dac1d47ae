//! Claims on request ids.

use std::time::Duration;

use futures_util::future::join_all;
use uuid::Uuid;

use super::Bench;

const LEASE: Duration = Duration::from_secs(30);
const ONE: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

pub async fn a_claim_keeps_others_out_until_it_is_released(bench: &Bench) {
    let (kv, key) = (&bench.kv, "owner");
    assert_eq!(kv.claim(key, ONE, LEASE).await, Ok(true));
    assert_eq!(kv.claim(key, OTHER, LEASE).await, Ok(false));
    assert_eq!(kv.claim("another", OTHER, LEASE).await, Ok(true));
    kv.release(key, ONE).await.unwrap();
    assert_eq!(kv.claim(key, OTHER, LEASE).await, Ok(true));
}

pub async fn a_claim_that_is_asked_for_twice_is_had(bench: &Bench) {
    let (kv, key) = (&bench.kv, "twice");
    assert_eq!(kv.claim(key, ONE, LEASE).await, Ok(true));
    assert_eq!(kv.claim(key, ONE, LEASE).await, Ok(true));
    assert_eq!(kv.claim(key, OTHER, LEASE).await, Ok(false));
}

pub async fn a_claim_ends_with_its_lease(bench: &Bench) {
    let (kv, key, short) = (&bench.kv, "lease", Duration::from_secs(1));
    assert_eq!(kv.claim(key, ONE, short).await, Ok(true));
    bench.pass(short).await;
    assert_eq!(kv.claim(key, OTHER, LEASE).await, Ok(true));
    // The first comes late, and what it gives up is not its own any more.
    kv.release(key, ONE).await.unwrap();
    assert_eq!(kv.claim(key, ONE, LEASE).await, Ok(false));
}

pub async fn of_parallel_claims_one_is_had(bench: &Bench) {
    let claims = (1..=50).map(|owner| {
        let kv = bench.kv.clone();
        tokio::spawn(async move { kv.claim("race", Uuid::from_u128(owner), LEASE).await })
    });
    let had = join_all(claims).await;
    let had = had.into_iter().filter(|one| matches!(one, Ok(Ok(true))));
    assert_eq!(had.count(), 1);
}
