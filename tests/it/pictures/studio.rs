//! Pictures rendered beside everything else.

use std::{io, sync::Arc, time::Duration};

use accountd::pictures::{Refusal, Spool, Spooled, Studio, StudioError, StudioOptions};
use bytes::Bytes;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{limits, rendered};
use crate::support::samples;

async fn spooled(content: Vec<u8>) -> Spooled {
    let mut spool = Spool::open(std::env::temp_dir()).await.unwrap();
    spool.write(Bytes::from(content)).await.unwrap();
    spool.finish().await.unwrap()
}

fn studio(threads: usize, queue: usize) -> Studio {
    Studio::start(StudioOptions { threads, queue }).unwrap()
}

#[tokio::test]
async fn a_studio_renders_what_it_is_given() {
    let studio = studio(2, 8);
    let limits = Arc::new(limits());
    let file = samples::jpeg(64, 48);
    let jobs = (0..10).map(|_| async {
        let file = spooled(file.clone()).await;
        studio.render(file, Arc::clone(&limits), None).await
    });
    for result in join_all(jobs).await {
        assert_eq!(result.unwrap(), rendered(&file));
    }

    let file = spooled(b"<svg/>".to_vec()).await;
    let result = studio.render(file, limits, None).await;
    assert_eq!(result, Err(StudioError::Refused(Refusal::Kind)));
}

#[tokio::test]
async fn a_full_queue_is_told_at_once() {
    let studio = studio(1, 1);
    let limits = Arc::new(limits());
    let file = samples::jpeg(256, 256);
    let mut files = Vec::new();
    for _ in 0..5 {
        files.push(spooled(file.clone()).await);
    }
    // All of them are asked for before any can be answered, since nothing here waits in between.
    let jobs = files
        .into_iter()
        .map(|file| studio.render(file, Arc::clone(&limits), None));
    let results = join_all(jobs).await;
    let overloaded = results.iter().filter(|result| {
        matches!(result, Err(StudioError::Overloaded { retry }) if *retry > Duration::ZERO)
    });
    let done = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(done + overloaded.count(), 5);
    assert!((2..5).contains(&done), "{done}");
}

#[tokio::test]
async fn a_deadline_that_has_passed_is_late() {
    let studio = studio(1, 1);
    let file = spooled(samples::jpeg(8, 8)).await;
    let past = Some(Instant::now());
    let result = studio.render(file, Arc::new(limits()), past).await;
    assert_eq!(result, Err(StudioError::Late));
}

#[test]
fn a_studio_without_threads_is_refused() {
    let options = StudioOptions {
        threads: 0,
        queue: 1,
    };
    let error = Studio::start(options).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
