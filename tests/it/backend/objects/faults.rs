//! What becomes of calls when the store fails.

use std::time::Duration;

use accountd::backend::{Objects, objects::ObjectError};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use tokio::time::Instant;

use super::{bench::Failing, pattern, read};
use crate::support::{fault_proxy::Fault, s3};

const SLOW_DOWN: Fault = Fault::Answer("503 Service Unavailable", "SlowDown");

/// A timeout that a test waits for.
const SHORT: Duration = Duration::from_secs(1);
/// What a call with that timeout may take on a loaded machine.
const BOUND: Duration = Duration::from_secs(15);

/// Each call once; all fail in the same way.
async fn each_fails(objects: &Objects) -> String {
    let texts = [
        objects.put("a", pattern(10)).await.unwrap_err(),
        objects.get("a").await.unwrap_err(),
        objects.delete("a").await.unwrap_err(),
        objects.probe().await.unwrap_err(),
    ]
    .map(|error| error.to_string());
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    texts[0].clone()
}

#[tokio::test]
async fn os_04_a_store_that_asks_to_slow_down_is_asked_again() {
    let Failing { objects, proxy } = Failing::new().await;
    for (number, fault) in [SLOW_DOWN, Fault::HangUp].into_iter().enumerate() {
        let before = proxy.requests();
        let key = format!("a-{number}");
        proxy.fail(2, fault.clone());
        objects.put(&key, pattern(100_000)).await.unwrap();
        proxy.fail(2, fault);
        assert_eq!(read(&objects, &key).await.unwrap(), pattern(100_000));
        assert_eq!(proxy.requests() - before, 6);
    }
}

#[tokio::test]
async fn os_04_a_busy_store_is_asked_three_times_and_no_more() {
    let Failing { objects, proxy } = Failing::new().await;
    proxy.fail_all(SLOW_DOWN);
    let text = each_fails(&objects).await;
    assert_eq!(text, "the object store answers 503 SlowDown");
    assert_eq!(proxy.requests(), 12);
}

#[tokio::test]
async fn os_04_a_refusal_is_not_repeated_and_told_without_what_was_answered() {
    let Failing { objects, proxy } = Failing::new().await;
    proxy.fail_all(Fault::Answer("403 Forbidden", "AccessDenied"));
    let text = each_fails(&objects).await;
    assert_eq!(
        text,
        "the object store refuses us (answers 403 AccessDenied): check the credentials and what they may do"
    );
    assert_eq!(proxy.requests(), 4);
    let printed = format!("{objects:?} {text}");
    assert!(
        !printed.contains(s3::SECRET) && !printed.contains("hidden"),
        "{printed}"
    );
}

#[tokio::test]
async fn os_04_what_is_not_found_is_missing_or_deleted_and_cannot_be_a_put() {
    let Failing { objects, proxy } = Failing::new().await;
    proxy.fail_all(Fault::Answer("404 Not Found", "NoSuchKey"));
    assert_eq!(objects.get("a").await.unwrap_err(), ObjectError::Missing);
    objects.delete("a").await.unwrap();
    let put = objects.put("a", pattern(1)).await;
    assert!(matches!(put, Err(ObjectError::Unavailable(_))), "{put:?}");
    assert_eq!(proxy.requests(), 3);
}

#[tokio::test]
async fn os_04_a_silent_store_is_left_at_the_timeout() {
    let Failing { objects, proxy } = Failing::with_timeout(SHORT).await;
    proxy.fail_all(Fault::Silence);
    let began = Instant::now();
    let text = each_fails(&objects).await;
    assert_eq!(text, "the object store does not answer within 1s");
    assert!(began.elapsed() < 4 * BOUND, "{:?}", began.elapsed());
}

#[tokio::test]
async fn os_04_a_slow_store_is_waited_for() {
    let Failing { objects, proxy } = Failing::new().await;
    proxy.fail(1, Fault::Delay(Duration::from_millis(300)));
    objects.put("a", pattern(10)).await.unwrap();
    proxy.fail(1, Fault::Delay(Duration::from_millis(300)));
    assert_eq!(read(&objects, "a").await.unwrap(), pattern(10));
    assert_eq!(proxy.requests(), 2);
}

#[tokio::test]
async fn os_04_a_store_that_is_gone_is_unavailable() {
    let Failing { objects, proxy } = Failing::new().await;
    proxy.close().await;
    let text = each_fails(&objects).await;
    assert_eq!(text, "the object store cannot be reached");
}

#[tokio::test]
async fn os_03_an_answer_that_breaks_off_is_taken_up_where_it_did() {
    let Failing { objects, proxy } = Failing::new().await;
    objects.put("a", pattern(1_000_000)).await.unwrap();
    proxy.fail(1, Fault::Cut(300_000));
    assert_eq!(read(&objects, "a").await.unwrap(), pattern(1_000_000));
    assert_eq!(proxy.requests(), 3);
}

#[tokio::test]
async fn os_03_an_answer_that_always_breaks_off_is_an_error_and_no_end() {
    let Failing { objects, proxy } = Failing::new().await;
    objects.put("a", pattern(1_000_000)).await.unwrap();
    proxy.fail_all(Fault::Cut(300_000));
    let object = objects.get("a").await.unwrap();
    assert_eq!(object.size, 1_000_000);
    let read = object.chunks.try_collect::<Vec<Bytes>>().await;
    assert!(matches!(read, Err(ObjectError::Unavailable(_))), "{read:?}");
    assert!(proxy.requests() <= 4, "{} requests", proxy.requests());
}

#[tokio::test]
async fn os_04_an_answer_that_falls_silent_is_left_at_the_timeout() {
    let Failing { objects, proxy } = Failing::with_timeout(5 * SHORT).await;
    objects.put("a", pattern(1_000_000)).await.unwrap();
    proxy.fail_all(Fault::Stall(300_000));
    let mut object = objects.get("a").await.unwrap();
    let began = Instant::now();
    let mut arrived = 0;
    let error = loop {
        match object.chunks.try_next().await {
            Ok(piece) => arrived += piece.expect("an error before the end").len(),
            Err(error) => break error,
        }
    };
    assert_eq!(arrived, 300_000);
    assert_eq!(
        error.to_string(),
        "the object store does not answer within 5s"
    );
    assert!(began.elapsed() < 2 * BOUND, "{:?}", began.elapsed());
    assert!(object.chunks.try_next().await.unwrap().is_none());
}
