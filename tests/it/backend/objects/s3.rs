//! Objects in a bucket.

use accountd::backend::{
    Objects,
    objects::{ObjectError, Options},
};
use futures_util::TryStreamExt as _;

use super::{bench::Failing, pattern, read};
use crate::support::s3;

async fn with_prefix(bucket: &str, prefix: &str) -> Objects {
    accountd::install_crypto();
    let mut options = s3::options(bucket, s3::port().await);
    prefix.clone_into(&mut options.remote.prefix);
    Objects::open(Options::S3(options)).unwrap()
}

#[tokio::test]
async fn prefixes_share_a_bucket_without_seeing_each_other() {
    let bucket = s3::bucket().await;
    let one = with_prefix(&bucket, "one").await;
    let two = with_prefix(&bucket, "two/deep").await;
    one.put("a/b", pattern(1)).await.unwrap();
    assert_eq!(two.get("a/b").await.unwrap_err(), ObjectError::Missing);
    two.put("a/b", pattern(2)).await.unwrap();
    assert_eq!(s3::keys(&bucket).await, ["one/a/b", "two/deep/a/b"]);
    one.delete("a/b").await.unwrap();
    assert_eq!(read(&two, "a/b").await.unwrap(), pattern(2));
}

#[tokio::test]
async fn a_missing_bucket_is_no_missing_object() {
    accountd::install_crypto();
    let options = s3::options("no-such-bucket", s3::port().await);
    let objects = Objects::open(Options::S3(options)).unwrap();
    let expected = ObjectError::Unavailable(
        "has no such bucket or container: create it, or name another".to_owned(),
    );
    assert_eq!(objects.get("a").await.unwrap_err(), expected);
    assert_eq!(objects.put("a", pattern(1)).await.unwrap_err(), expected);
    assert_eq!(objects.delete("a").await.unwrap_err(), expected);
    assert_eq!(objects.probe().await.unwrap_err(), expected);
}

#[tokio::test]
async fn os_04_a_reader_that_waits_lets_the_store_wait() {
    let store = Failing::new().await;
    let bytes = pattern(32 * 1024 * 1024);
    store.objects.put("large", bytes.clone()).await.unwrap();
    let mut object = store.objects.get("large").await.unwrap();
    let first = object.chunks.try_next().await.unwrap().unwrap();
    store.proxy.stalled().await;
    let passed = store.proxy.passed();
    assert!(passed < 8 * 1024 * 1024, "{passed} bytes were fetched");
    let rest: Vec<_> = object.chunks.try_collect().await.unwrap();
    assert!([&first[..], &rest.concat()].concat() == bytes);
}
