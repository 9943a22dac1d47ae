//! Options that are accepted or refused. Google's and Azure's stores are met here only: no server of theirs is at hand.

use std::{io::Write as _, time::Duration};

use accountd::backend::{
    Objects,
    objects::{AzureOptions, GcsOptions, ObjectError, OpenError, Options, Remote},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use tempfile::NamedTempFile;

use crate::support::{
    fault_proxy::{Fault, FaultProxy},
    s3,
};

const MARK: &str = "kittens-and-mittens";

fn gcs() -> GcsOptions {
    GcsOptions {
        bucket: "pictures".to_owned(),
        endpoint: Some("http://127.0.0.1:9".to_owned()),
        service_account_file: None,
        remote: Remote::default(),
    }
}

fn azure() -> AzureOptions {
    AzureOptions {
        container: "pictures".to_owned(),
        account: "account".to_owned(),
        access_key: Some(BASE64_STANDARD.encode(MARK).into()),
        endpoint: None,
        remote: Remote::default(),
    }
}

fn refusal(options: Options) -> OpenError {
    accountd::install_crypto();
    Objects::open(options).unwrap_err()
}

#[test]
fn half_of_the_credentials_is_refused() {
    let mut id_only = s3::options("b", 1);
    id_only.secret_access_key = None;
    let mut secret_only = s3::options("b", 1);
    secret_only.access_key_id = None;
    for options in [id_only, secret_only] {
        let error = refusal(Options::S3(options));
        assert!(matches!(error, OpenError::Credentials), "{error}");
    }
}

#[test]
fn endpoints_must_be_urls() {
    for endpoint in ["", "minio:9000", "ftp://minio", "https://", "a b"] {
        let mut options = s3::options("b", 1);
        options.endpoint = Some(endpoint.to_owned());
        let error = refusal(Options::S3(options));
        assert!(
            matches!(error, OpenError::Endpoint),
            "{endpoint:?}: {error}"
        );
    }
}

#[test]
fn prefixes_must_be_keys() {
    for prefix in ["..", "/a", "a/", "A", "a b"] {
        let mut options = s3::options("b", 1);
        prefix.clone_into(&mut options.remote.prefix);
        let error = refusal(Options::S3(options));
        assert!(matches!(error, OpenError::Prefix), "{prefix:?}: {error}");
    }
}

#[test]
fn tokens_do_not_travel_in_the_open() {
    let mut google = gcs();
    google.endpoint = Some("http://storage.example.com".to_owned());
    let error = refusal(Options::Gcs(google));
    assert!(matches!(error, OpenError::Plaintext { .. }), "{error}");
    let mut microsoft = azure();
    microsoft.access_key = None;
    microsoft.endpoint = Some("http://blob.example.com".to_owned());
    let error = refusal(Options::Azure(microsoft));
    assert!(matches!(error, OpenError::Plaintext { .. }), "{error}");
}

#[test]
fn a_service_account_that_cannot_be_read_is_refused_without_its_text() {
    let mut file = NamedTempFile::new().unwrap();
    write!(file, "{{\"private_key\": \"{MARK}\"}}").unwrap();
    let mut options = gcs();
    options.service_account_file = Some(file.path().to_owned());
    let error = refusal(Options::Gcs(options.clone()));
    assert!(matches!(error, OpenError::Client(_)), "{error}");
    assert!(!format!("{error} {error:?}").contains(MARK), "{error}");
    options.service_account_file = Some("/nowhere/key.json".into());
    let error = refusal(Options::Gcs(options));
    assert!(matches!(error, OpenError::Client(_)), "{error}");
}

#[test]
fn a_key_of_azure_that_is_no_base64_is_refused() {
    let mut options = azure();
    options.access_key = Some("not base64!".into());
    let error = refusal(Options::Azure(options));
    assert!(matches!(error, OpenError::Client(_)), "{error}");
}

#[test]
fn stores_print_no_secrets() {
    accountd::install_crypto();
    let opened = [
        Objects::open(Options::S3(s3::options("b", 1))).unwrap(),
        Objects::open(Options::Azure(azure())).unwrap(),
    ];
    let key = BASE64_STANDARD.encode(MARK);
    let options = format!("{:?} {:?}", s3::options("b", 1), azure());
    let printed = format!("{opened:?} {options}");
    assert!(
        !printed.contains(MARK) && !printed.contains(&key),
        "{printed}"
    );
}

/// The request leaves, and the refusal is understood: all that can be shown without a real service.
#[tokio::test]
async fn google_and_azure_are_asked_and_their_refusals_are_understood() {
    accountd::install_crypto();
    let proxy = FaultProxy::before(9);
    let endpoint = Some(format!("http://127.0.0.1:{}", proxy.port));
    let remote = Remote {
        timeout: Duration::from_mins(1),
        retries: 1,
        prefix: String::new(),
    };
    let google = Options::Gcs(GcsOptions {
        endpoint: endpoint.clone(),
        remote: remote.clone(),
        ..gcs()
    });
    let microsoft = Options::Azure(AzureOptions {
        endpoint,
        remote,
        ..azure()
    });
    for options in [google, microsoft] {
        let objects = Objects::open(options).unwrap();
        let before = proxy.requests();
        proxy.fail_all(Fault::Answer("404 Not Found", "NoSuchKey"));
        assert_eq!(objects.get("a").await.unwrap_err(), ObjectError::Missing);
        objects.probe().await.unwrap();
        proxy.fail_all(Fault::Answer("503 Service Unavailable", "ServerBusy"));
        let error = objects.get("a").await.unwrap_err().to_string();
        assert_eq!(error, "the object store answers 503 ServerBusy");
        proxy.fail_all(Fault::Answer("403 Forbidden", "AuthenticationFailed"));
        let put = objects.put("a", "picture".into()).await.unwrap_err();
        assert!(put.to_string().contains("refuses us"), "{put}");
        assert_eq!(proxy.requests() - before, 5);
    }
}
