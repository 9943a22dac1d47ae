//! Marks on revoked sessions.

use std::time::Duration;

use accountd::backend::kv::Mark;
use uuid::Uuid;

use super::Bench;

const TTL: Duration = Duration::from_mins(1);

pub async fn i1_marked_sessions_are_found_and_others_are_not(bench: &Bench) {
    let [revoked, deleted, other] = [0x11, 0x12, 0x13].map(Uuid::from_u128);
    let kv = &bench.kv;
    kv.mark_revoked(&[revoked], Mark::Revoked, TTL)
        .await
        .unwrap();
    kv.mark_revoked(&[deleted], Mark::Deleted, TTL)
        .await
        .unwrap();
    kv.mark_revoked(&[], Mark::Revoked, TTL).await.unwrap();
    assert_eq!(kv.find_revoked(revoked).await, Ok(Some(Mark::Revoked)));
    assert_eq!(kv.find_revoked(deleted).await, Ok(Some(Mark::Deleted)));
    assert_eq!(kv.find_revoked(other).await, Ok(None));
    kv.mark_revoked(&[revoked], Mark::Deleted, TTL)
        .await
        .unwrap();
    assert_eq!(kv.find_revoked(revoked).await, Ok(Some(Mark::Deleted)));
}

pub async fn a_mark_ends_with_its_time(bench: &Bench) {
    let (session, short) = (Uuid::from_u128(0x21), Duration::from_secs(1));
    let marked = bench
        .kv
        .mark_revoked(&[session], Mark::Revoked, short)
        .await;
    marked.unwrap();
    let found = bench.kv.find_revoked(session).await;
    assert_eq!(found, Ok(Some(Mark::Revoked)));
    bench.pass(short).await;
    assert_eq!(bench.kv.find_revoked(session).await, Ok(None));
}

pub async fn many_sessions_are_marked_at_once(bench: &Bench) {
    let sessions: Vec<_> = (0x1000..0x1200).map(Uuid::from_u128).collect();
    // Times out of range are cut, not refused.
    for ttl in [Duration::ZERO, Duration::MAX] {
        let marked = bench.kv.mark_revoked(&sessions, Mark::Revoked, ttl);
        marked.await.unwrap();
    }
    for session in sessions {
        let found = bench.kv.find_revoked(session).await;
        assert_eq!(found, Ok(Some(Mark::Revoked)));
    }
}
