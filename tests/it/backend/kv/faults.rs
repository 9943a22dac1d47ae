//! A Redis that is away, slow, full, demoted, or holds what is not ours.

use std::time::Duration;

use accountd::backend::kv::{Guess, Mark, Rate, RedisOptions};
use redis::{Cmd, cmd};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{
    Bench,
    bench::{mark_of, patient},
    codes::code,
};
use crate::support::redis::{Cluster, Server, free_port};

const TTL: Duration = Duration::from_mins(1);
const RATE: Rate = Rate {
    burst: 5,
    period: TTL,
};

/// Waits for the store to answer again, which must not take long.
pub async fn comes_back(bench: &Bench) {
    let since = Instant::now();
    while let Err(error) = bench.kv.ping().await {
        assert!(since.elapsed() < Duration::from_secs(5), "{error}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A command, as words.
fn words(line: &str) -> Cmd {
    let mut words = line.split(' ');
    let mut command = cmd(words.next().unwrap());
    words.for_each(|word| {
        command.arg(word);
    });
    command
}

#[tokio::test]
async fn rd_01_down_at_start_and_again_later() {
    let port = free_port();
    let bench = Bench::on(patient(vec![format!("redis://127.0.0.1:{port}")])).await;
    bench.kv.ping().await.unwrap_err();
    for _ in 0..2 {
        let server = Server::start_on(port).await;
        comes_back(&bench).await;
        bench.kv.put_code("a", &code(1, 5), TTL).await.unwrap();
        drop(server);
        mark_of(&bench.kv, Uuid::nil()).await.unwrap_err();
    }
}

#[tokio::test]
async fn rd_02_a_slow_redis_is_cut_off() {
    let server = Server::start().await;
    // With the limits of production.
    let bench = Bench::on(RedisOptions::new(vec![server.url()])).await;
    let mut connection = server.connection().await;
    let pause = words("CLIENT PAUSE 2000 ALL");
    pause.exec_async(&mut connection).await.unwrap();
    for _ in 0..3 {
        let asked = Instant::now();
        mark_of(&bench.kv, Uuid::nil()).await.unwrap_err();
        let waited = asked.elapsed();
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    }
    comes_back(&bench).await;
}

#[tokio::test]
async fn rd_06_a_full_redis_refuses_and_keeps_what_it_has() {
    let server = Server::start().await;
    let bench = Bench::on(patient(vec![server.url()])).await;
    let kv = &bench.kv;
    kv.put_code("a", &code(1, 5), TTL).await.unwrap();
    let mut connection = server.connection().await;
    words("CONFIG SET maxmemory 1")
        .exec_async(&mut connection)
        .await
        .unwrap();
    kv.put_code("a", &code(2, 5), TTL).await.unwrap_err();
    kv.guess_code("a").await.unwrap_err();
    let marked = kv
        .announce(Uuid::nil(), &[Uuid::nil()], Mark::Revoked, TTL)
        .await;
    marked.unwrap_err();
    kv.take("a", RATE).await.unwrap_err();
    kv.claim("a", Uuid::nil(), TTL).await.unwrap_err();
    words("CONFIG SET maxmemory 0")
        .exec_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(kv.guess_code("a").await, Ok(Guess::Live(code(1, 4))));
    assert_eq!(mark_of(kv, Uuid::nil()).await, Ok(None));
}

#[tokio::test]
async fn rd_07_garbage_in_our_keys_is_unavailable() {
    let bench = Bench::redis().await;
    let (kv, server) = (&bench.kv, bench.server.as_ref().unwrap());
    let mut connection = server.connection().await;
    kv.put_code("a", &code(1, 5), TTL).await.unwrap();
    kv.claim("a", Uuid::nil(), TTL).await.unwrap();
    kv.take("a", RATE).await.unwrap();
    kv.announce(Uuid::nil(), &[Uuid::nil()], Mark::Revoked, TTL)
        .await
        .unwrap();
    for key in bench.keys().await {
        for garbage in [
            "SET KEY x",
            "SET KEY -1",
            "SET KEY nan",
            "RPUSH KEY x",
            "HSET KEY x x",
            "HSET KEY issue x nonce x key_id x guesses 5",
            "HSET KEY issue x nonce x key_id x guesses many",
            "HSET KEY issue x nonce x key_id x guesses 1e99",
        ] {
            words(&format!("DEL {key}"))
                .exec_async(&mut connection)
                .await
                .unwrap();
            let garbage = words(&garbage.replace("KEY", &key));
            garbage.exec_async(&mut connection).await.unwrap();
            let kind = key.rsplit(':').next().unwrap();
            match kind {
                "code" => {
                    kv.guess_code("a").await.unwrap_err();
                }
                // Whoever it is: the claim is another's, or cannot be read.
                "claim" => {
                    let claimed = kv.claim("a", Uuid::nil(), TTL).await;
                    assert_ne!(claimed, Ok(true));
                }
                "bucket" => {
                    kv.take("a", RATE).await.unwrap_err();
                }
                // Whatever is no string is as good as nothing, and SQL decides.
                _ => {
                    if let Ok(found) = mark_of(kv, Uuid::nil()).await {
                        assert_eq!(found, None, "{key}");
                    }
                }
            }
        }
    }
    // What replaces a value does not ask what it was.
    kv.put_code("a", &code(2, 5), TTL).await.unwrap();
    assert_eq!(kv.guess_code("a").await, Ok(Guess::Live(code(2, 4))));
}

#[tokio::test]
async fn rd_09_a_demoted_redis_is_left_and_taken_up_again() {
    let server = Server::start().await;
    let bench = Bench::on(patient(vec![server.url()])).await;
    let mut connection = server.connection().await;
    let other = words("REPLICAOF 127.0.0.1 1");
    other.exec_async(&mut connection).await.unwrap();
    let error = bench.kv.take("a", RATE).await.unwrap_err().to_string();
    assert!(error.contains("READONLY"), "{error}");
    let alone = words("REPLICAOF NO ONE");
    alone.exec_async(&mut connection).await.unwrap();
    comes_back(&bench).await;
    bench.kv.take("a", RATE).await.unwrap();
}

#[tokio::test]
async fn rd_09_a_replica_without_its_master_is_left_and_taken_up_again() {
    let server = Server::start().await;
    let bench = Bench::on(patient(vec![server.url()])).await;
    let mut connection = server.connection().await;
    for line in [
        "CONFIG SET replica-serve-stale-data no",
        "REPLICAOF 127.0.0.1 1",
    ] {
        words(line).exec_async(&mut connection).await.unwrap();
    }
    let error = mark_of(&bench.kv, Uuid::nil()).await.unwrap_err();
    assert!(error.to_string().contains("MASTERDOWN"), "{error}");
    let alone = words("REPLICAOF NO ONE");
    alone.exec_async(&mut connection).await.unwrap();
    comes_back(&bench).await;
    assert_eq!(mark_of(&bench.kv, Uuid::nil()).await, Ok(None));
}

#[tokio::test]
async fn rd_09_a_cluster_that_has_lost_its_slots_is_unavailable_until_it_has_them() {
    let server = Server::start_with(&["--cluster-enabled", "yes"]).await;
    let bench = Bench::on(patient(vec![server.url()])).await;
    let error = mark_of(&bench.kv, Uuid::nil()).await.unwrap_err();
    assert!(error.to_string().contains("CLUSTERDOWN"), "{error}");
    let mut connection = server.connection().await;
    let all = words("CLUSTER ADDSLOTSRANGE 0 16383");
    all.exec_async(&mut connection).await.unwrap();
    let since = Instant::now();
    while let Err(error) = mark_of(&bench.kv, Uuid::nil()).await {
        assert!(since.elapsed() < Duration::from_secs(5), "{error}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn rd_09_what_another_node_holds_is_unavailable_and_not_none() {
    let cluster = Cluster::start().await;
    // As one server, which it is not.
    let bench = Bench::on(patient(vec![cluster.urls().swap_remove(0)])).await;
    let mut moved = 0;
    for number in 0..32 {
        match mark_of(&bench.kv, Uuid::from_u128(number)).await {
            Ok(found) => assert_eq!(found, None),
            Err(error) => {
                assert!(
                    error.to_string().to_uppercase().contains("MOVED"),
                    "{error}"
                );
                moved += 1;
            }
        }
    }
    assert!((1..32).contains(&moved), "{moved} were elsewhere");
}

#[tokio::test]
async fn rd_10_every_key_has_a_ttl() {
    let bench = Bench::redis().await;
    let kv = &bench.kv;
    kv.put_code("eve@example.org", &code(1, 5), TTL)
        .await
        .unwrap();
    kv.guess_code("eve@example.org").await.unwrap();
    kv.claim("eve@example.org", Uuid::nil(), TTL).await.unwrap();
    kv.take("eve@example.org", RATE).await.unwrap();
    kv.announce(Uuid::nil(), &[Uuid::nil()], Mark::Revoked, Duration::MAX)
        .await
        .unwrap();
    bench.every_key_has_a_ttl().await;
    let keys = bench.keys().await;
    assert_eq!(keys.len(), 4, "{keys:?}");
    for key in keys {
        assert!(key.starts_with("accountd:{"), "{key}");
        assert!(!key.contains("eve"), "{key}");
    }
}
