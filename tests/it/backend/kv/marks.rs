//! Marks on revoked sessions.

use std::time::Duration;

use accountd::backend::kv::Mark;
use futures_util::future::join_all;
use uuid::Uuid;

use super::{Bench, bench::mark_of};

const TTL: Duration = Duration::from_mins(1);

pub async fn i1_marked_sessions_are_found_and_others_are_not(bench: &Bench) {
    let [revoked, deleted, other] = [0x11, 0x12, 0x13].map(Uuid::from_u128);
    let kv = &bench.kv;
    kv.announce(Uuid::nil(), &[revoked], Mark::Revoked, TTL)
        .await
        .unwrap();
    kv.announce(Uuid::nil(), &[deleted], Mark::Deleted, TTL)
        .await
        .unwrap();
    kv.announce(Uuid::nil(), &[], Mark::Revoked, TTL)
        .await
        .unwrap();
    assert_eq!(mark_of(kv, revoked).await, Ok(Some(Mark::Revoked)));
    assert_eq!(mark_of(kv, deleted).await, Ok(Some(Mark::Deleted)));
    assert_eq!(mark_of(kv, other).await, Ok(None));
    kv.announce(Uuid::nil(), &[revoked], Mark::Deleted, TTL)
        .await
        .unwrap();
    assert_eq!(mark_of(kv, revoked).await, Ok(Some(Mark::Deleted)));
}

pub async fn a_mark_ends_with_its_time(bench: &Bench) {
    let (session, short) = (Uuid::from_u128(0x21), Duration::from_secs(1));
    let marked = bench
        .kv
        .announce(Uuid::nil(), &[session], Mark::Revoked, short)
        .await;
    marked.unwrap();
    let found = mark_of(&bench.kv, session).await;
    assert_eq!(found, Ok(Some(Mark::Revoked)));
    bench.pass(short).await;
    assert_eq!(mark_of(&bench.kv, session).await, Ok(None));
}

pub async fn many_sessions_are_marked_at_once(bench: &Bench) {
    let sessions: Vec<_> = (0x1000..0x1200).map(Uuid::from_u128).collect();
    // Times out of range are cut, not refused.
    for ttl in [Duration::ZERO, Duration::MAX] {
        let marked = bench
            .kv
            .announce(Uuid::nil(), &sessions, Mark::Revoked, ttl);
        marked.await.unwrap();
    }
    for session in sessions {
        let found = mark_of(&bench.kv, session).await;
        assert_eq!(found, Ok(Some(Mark::Revoked)));
    }
}

pub async fn a_missing_mark_is_put_back_by_one_of_many(bench: &Bench) {
    let [lost, kept] = [0x31, 0x32].map(Uuid::from_u128);
    let kv = &bench.kv;
    let all =
        join_all((0..20).map(|_| kv.mark_if_missing(Uuid::nil(), lost, Mark::Revoked, TTL))).await;
    let first = all.iter().filter(|answer| **answer == Ok(true)).count();
    let later = all.iter().filter(|answer| **answer == Ok(false)).count();
    assert_eq!((first, later), (1, 19));
    assert_eq!(mark_of(kv, lost).await, Ok(Some(Mark::Revoked)));

    kv.announce(Uuid::nil(), &[kept], Mark::Deleted, TTL)
        .await
        .unwrap();
    let done = kv
        .mark_if_missing(Uuid::nil(), kept, Mark::Revoked, TTL)
        .await;
    assert_eq!(done, Ok(false));
    assert_eq!(mark_of(kv, kept).await, Ok(Some(Mark::Deleted)));

    let (short, second) = (Uuid::from_u128(0x33), Duration::from_secs(1));
    for _ in 0..2 {
        let done = kv
            .mark_if_missing(Uuid::nil(), short, Mark::Revoked, second)
            .await;
        assert_eq!(done, Ok(true), "it ends with its time");
        bench.pass(second).await;
    }
}
