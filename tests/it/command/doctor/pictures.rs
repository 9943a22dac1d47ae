//! Stores of pictures that take none.

use super::{SECRET, examine};
use crate::support::{installation::Installation, redis::free_port, s3};

fn in_bucket(bucket: &str, port: u16) -> Installation {
    Installation::new()
        .with("ACCOUNTD_PICTURES__KIND", "s3")
        .with("ACCOUNTD_PICTURES__BUCKET", bucket)
        .with(
            "ACCOUNTD_PICTURES__ENDPOINT",
            format!("http://127.0.0.1:{port}"),
        )
        .with("ACCOUNTD_PICTURES__ACCESS_KEY_ID", "tester")
        .with("ACCOUNTD_PICTURES__SECRET_ACCESS_KEY", SECRET)
}

#[test]
fn a_directory_that_takes_no_files_is_told() {
    // Not even root makes a file there.
    let accountd = Installation::new().with("ACCOUNTD_PICTURES__DIRECTORY", "/proc/self");
    examine(&accountd).fails_alone("pictures", &["/proc/self", "pictures.directory"]);
    let accountd = Installation::new().with("ACCOUNTD_PICTURES__SPOOL_DIRECTORY", "/proc/self");
    examine(&accountd).fails_alone("pictures", &["/proc/self", "pictures.spool_directory"]);
}

#[test]
fn a_bucket_that_cannot_be_reached_is_told() {
    let told = examine(&in_bucket("pictures", free_port()));
    told.fails_alone("pictures", &["cannot write", "pictures.endpoint"]);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told() {
    let told = examine(&in_bucket("nowhere", s3::port().await));
    told.fails_alone("pictures", &["no such bucket", "pictures.bucket"]);
}

#[test]
fn a_store_that_stays_silent_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let accountd = in_bucket("pictures", silent.local_addr().unwrap().port())
        .with("ACCOUNTD_PICTURES__RETRIES", "0")
        .with("ACCOUNTD_PICTURES__TIMEOUT", "300ms");
    examine(&accountd).fails_alone("pictures", &["cannot write", "does not answer"]);
    let run = accountd.run(&["doctor", "--json", "--timeout", "1ms"]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(super::without_secrets(&run).contains("no answer within 1ms"));
}
