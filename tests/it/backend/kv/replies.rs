//! Replayed answers.

use std::time::Duration;

use accountd::backend::kv::Begun;
use futures_util::future::join_all;

use super::Bench;

const LEASE: Duration = Duration::from_secs(30);
const TTL: Duration = Duration::from_mins(1);
const BODY: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

pub async fn the_first_claim_owns_the_request(bench: &Bench) {
    let (kv, key) = (&bench.kv, "owner");
    assert_eq!(kv.begin_reply(key, BODY, LEASE).await, Ok(Begun::Mine));
    assert_eq!(kv.begin_reply(key, BODY, LEASE).await, Ok(Begun::Running));
    for answer in [b"\0\xff answer".as_slice(), b""] {
        kv.finish_reply(key, BODY, answer, TTL).await.unwrap();
        let begun = kv.begin_reply(key, BODY, LEASE).await;
        assert_eq!(begun, Ok(Begun::Done(answer.to_vec())));
    }
}

pub async fn another_body_under_the_same_id_differs(bench: &Bench) {
    let (kv, key) = (&bench.kv, "differs");
    assert_eq!(kv.begin_reply(key, BODY, LEASE).await, Ok(Begun::Mine));
    assert_eq!(kv.begin_reply(key, OTHER, LEASE).await, Ok(Begun::Differs));
    kv.finish_reply(key, BODY, b"done", TTL).await.unwrap();
    assert_eq!(kv.begin_reply(key, OTHER, LEASE).await, Ok(Begun::Differs));
}

pub async fn an_abandoned_or_expired_claim_can_be_taken_again(bench: &Bench) {
    let (kv, key, short) = (&bench.kv, "again", Duration::from_secs(1));
    kv.abandon_reply(key).await.unwrap();
    assert_eq!(kv.begin_reply(key, BODY, LEASE).await, Ok(Begun::Mine));
    kv.abandon_reply(key).await.unwrap();
    assert_eq!(kv.begin_reply(key, OTHER, short).await, Ok(Begun::Mine));
    bench.pass(short).await;
    assert_eq!(kv.begin_reply(key, BODY, LEASE).await, Ok(Begun::Mine));
    kv.finish_reply(key, BODY, b"kept", short).await.unwrap();
    kv.abandon_reply(key).await.unwrap();
    let kept = Ok(Begun::Done(b"kept".to_vec()));
    assert_eq!(kv.begin_reply(key, BODY, LEASE).await, kept);
    bench.pass(short).await;
    assert_eq!(kv.begin_reply(key, BODY, LEASE).await, Ok(Begun::Mine));
}

pub async fn a_late_answer_does_not_replace_anothers_claim(bench: &Bench) {
    let (kv, key) = (&bench.kv, "late");
    assert_eq!(kv.begin_reply(key, OTHER, LEASE).await, Ok(Begun::Mine));
    kv.finish_reply(key, BODY, b"late", TTL).await.unwrap();
    assert_eq!(kv.begin_reply(key, OTHER, LEASE).await, Ok(Begun::Running));
    // An answer without any claim is kept: the lease ran out, and nobody else came.
    kv.finish_reply("unclaimed", BODY, b"kept", TTL)
        .await
        .unwrap();
    let begun = kv.begin_reply("unclaimed", BODY, LEASE).await;
    assert_eq!(begun, Ok(Begun::Done(b"kept".to_vec())));
}

pub async fn of_parallel_claims_one_is_mine(bench: &Bench) {
    let claims = (0..50).map(|_| {
        let kv = bench.kv.clone();
        tokio::spawn(async move { kv.begin_reply("race", BODY, LEASE).await })
    });
    let begun = join_all(claims).await;
    let mine = begun
        .into_iter()
        .filter(|one| matches!(one, Ok(Ok(Begun::Mine))));
    assert_eq!(mine.count(), 1);
}
