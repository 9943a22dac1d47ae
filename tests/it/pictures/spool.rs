//! Uploads on their way in.

use std::fs;

use accountd::pictures::Spool;
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;

#[tokio::test]
async fn me_07_a_million_chunks_of_one_byte_are_one_file() {
    let directory = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(directory.path().to_owned()).await.unwrap();
    let content: Vec<u8> = (0..1_000_000_u32).map(|at| at.to_le_bytes()[1]).collect();
    for byte in &content {
        spool.write(Bytes::copy_from_slice(&[*byte])).await.unwrap();
    }
    assert_eq!(spool.len(), 1_000_000);
    let spooled = spool.finish().await.unwrap();
    assert_eq!(spooled.len(), 1_000_000);
    assert_eq!(spooled.sha256(), digest(&SHA256, &content).as_ref());
    assert_eq!(spooled.read().unwrap(), content);
}

#[tokio::test]
async fn chunks_of_any_size_keep_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(directory.path().to_owned()).await.unwrap();
    let mut content = Vec::new();
    for (length, byte) in [
        (3, 1),
        (300_000, 2),
        (0, 3),
        (262_144, 4),
        (262_143, 5),
        (2, 6),
    ] {
        let chunk = vec![byte; length];
        content.extend(&chunk);
        spool.write(Bytes::from(chunk)).await.unwrap();
    }
    let spooled = spool.finish().await.unwrap();
    assert_eq!(spooled.sha256(), digest(&SHA256, &content).as_ref());
    assert_eq!(spooled.read().unwrap(), content);
}

#[tokio::test]
async fn an_empty_upload_is_an_empty_file() {
    let directory = tempfile::tempdir().unwrap();
    let spool = Spool::open(directory.path().to_owned()).await.unwrap();
    assert!(spool.is_empty());
    let spooled = spool.finish().await.unwrap();
    assert!(spooled.is_empty());
    assert_eq!(spooled.sha256(), digest(&SHA256, b"").as_ref());
    assert_eq!(spooled.read().unwrap(), b"");
}

#[tokio::test]
async fn nothing_is_ever_seen_in_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let is_empty = || fs::read_dir(directory.path()).unwrap().next().is_none();
    let mut spool = Spool::open(directory.path().to_owned()).await.unwrap();
    spool.write(Bytes::from(vec![1; 600_000])).await.unwrap();
    assert!(is_empty());
    let spooled = spool.finish().await.unwrap();
    assert!(is_empty());
    drop(spooled);
    assert!(is_empty());
}

#[tokio::test]
async fn a_directory_that_is_missing_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    let error = Spool::open(missing).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
