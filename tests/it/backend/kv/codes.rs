//! One-time codes.

use std::time::Duration;

use accountd::backend::kv::{Guess, LiveCode};
use futures_util::future::join_all;
use uuid::Uuid;

use super::Bench;

const TTL: Duration = Duration::from_mins(1);

pub fn code(issue: u128, guesses: u32) -> LiveCode {
    LiveCode {
        issue: Uuid::from_u128(issue),
        nonce: [0x80; 16],
        key_id: "2026-07".to_owned(),
        guesses,
    }
}

pub async fn ot_01_a_kv_code_is_burnt_after_its_guesses(bench: &Bench) {
    let subject = "ot-01";
    assert_eq!(bench.kv.guess_code(subject).await, Ok(Guess::Absent));
    bench.kv.put_code(subject, &code(1, 2), TTL).await.unwrap();
    let live = |left| Ok(Guess::Live(code(1, left)));
    assert_eq!(bench.kv.guess_code(subject).await, live(1));
    assert_eq!(bench.kv.guess_code(subject).await, live(0));
    assert_eq!(bench.kv.guess_code(subject).await, Ok(Guess::Spent));
    assert_eq!(bench.kv.guess_code(subject).await, Ok(Guess::Spent));
}

pub async fn ot_02_of_200_parallel_kv_guesses_5_are_evaluated(bench: &Bench) {
    let subject = "ot-02";
    bench.kv.put_code(subject, &code(1, 5), TTL).await.unwrap();
    let guesses = (0..200).map(|_| {
        let kv = bench.kv.clone();
        tokio::spawn(async move { kv.guess_code(subject).await })
    });
    let mut left = Vec::new();
    for guess in join_all(guesses).await {
        match guess.unwrap().unwrap() {
            Guess::Live(code) => left.push(code.guesses),
            other => assert_eq!(other, Guess::Spent),
        }
    }
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4]);
}

pub async fn a_returned_kv_guess_is_that_of_its_issue(bench: &Bench) {
    let (subject, old, new) = ("returned", Uuid::from_u128(1), Uuid::from_u128(2));
    bench.kv.return_guess(subject, new).await.unwrap();
    assert_eq!(bench.kv.guess_code(subject).await, Ok(Guess::Absent));
    bench.kv.put_code(subject, &code(2, 1), TTL).await.unwrap();
    let live = Ok(Guess::Live(code(2, 0)));
    assert_eq!(bench.kv.guess_code(subject).await, live);
    bench.kv.return_guess(subject, old).await.unwrap();
    assert_eq!(bench.kv.guess_code(subject).await, Ok(Guess::Spent));
    bench.kv.return_guess(subject, new).await.unwrap();
    assert_eq!(bench.kv.guess_code(subject).await, live);
}

pub async fn ot_04_a_kv_code_ends_with_its_time(bench: &Bench) {
    let subject = "ot-04-time";
    let short = Duration::from_secs(1);
    bench
        .kv
        .put_code(subject, &code(1, 3), short)
        .await
        .unwrap();
    let guess = bench.kv.guess_code(subject).await;
    assert_eq!(guess, Ok(Guess::Live(code(1, 2))));
    bench.pass(short).await;
    assert_eq!(bench.kv.guess_code(subject).await, Ok(Guess::Absent));
}

pub async fn ot_04_a_newer_kv_code_replaces_the_older(bench: &Bench) {
    let subject = "ot-04-newer";
    bench.kv.put_code(subject, &code(1, 1), TTL).await.unwrap();
    bench.kv.guess_code(subject).await.unwrap();
    bench.kv.put_code(subject, &code(2, 5), TTL).await.unwrap();
    let guess = bench.kv.guess_code(subject).await;
    assert_eq!(guess, Ok(Guess::Live(code(2, 4))));
}

pub async fn ot_04_dropping_an_older_issue_keeps_the_newer(bench: &Bench) {
    let (subject, old, new) = ("ot-04-drop", Uuid::from_u128(1), Uuid::from_u128(2));
    bench.kv.drop_code(subject, old).await.unwrap();
    bench.kv.put_code(subject, &code(2, 5), TTL).await.unwrap();
    bench.kv.drop_code(subject, old).await.unwrap();
    let guess = bench.kv.guess_code(subject).await;
    assert_eq!(guess, Ok(Guess::Live(code(2, 4))));
    bench.kv.drop_code(subject, new).await.unwrap();
    assert_eq!(bench.kv.guess_code(subject).await, Ok(Guess::Absent));
}

pub async fn a_subject_may_contain_anything(bench: &Bench) {
    let long = "x".repeat(100_000);
    let subjects = ["", "{", "}{", "a}b", "\0\r\n *", "ü@例え.jp", &long];
    for (issue, subject) in (1..).zip(subjects) {
        bench
            .kv
            .put_code(subject, &code(issue, 5), TTL)
            .await
            .unwrap();
    }
    for (issue, subject) in (1..).zip(subjects) {
        let guess = bench.kv.guess_code(subject).await;
        assert_eq!(guess, Ok(Guess::Live(code(issue, 4))), "{subject:.9}");
    }
}
