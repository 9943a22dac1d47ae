//! A store of each kind.

use std::time::Duration;

use accountd::backend::{
    Objects,
    objects::{Options, Remote},
};
use tempfile::TempDir;

use crate::support::{fault_proxy::FaultProxy, s3};

/// A store, and where it keeps its files if it does.
pub struct Bench {
    pub objects: Objects,
    pub directory: Option<TempDir>,
}

impl Bench {
    pub fn files() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = Options::File {
            directory: directory.path().join("objects"),
        };
        Self {
            objects: Objects::open(options).unwrap(),
            directory: Some(directory),
        }
    }

    pub fn memory() -> Self {
        Self {
            objects: Objects::open(Options::Memory).unwrap(),
            directory: None,
        }
    }

    pub async fn s3() -> Self {
        accountd::install_crypto();
        let mut options = s3::options(&s3::bucket().await, s3::port().await);
        // A loaded machine serves all tests with one such server.
        options.remote.timeout = Duration::from_mins(1);
        Self {
            objects: Objects::open(Options::S3(options)).unwrap(),
            directory: None,
        }
    }
}

/// A store on S3 behind a proxy that fails it, with two retries.
pub struct Failing {
    pub objects: Objects,
    pub proxy: FaultProxy,
}

impl Failing {
    /// A store that waits as long as is usual in tests, much longer than anything takes.
    pub async fn new() -> Self {
        Self::with_timeout(Duration::from_mins(1)).await
    }

    pub async fn with_timeout(timeout: Duration) -> Self {
        accountd::install_crypto();
        let proxy = FaultProxy::before(s3::port().await);
        let mut options = s3::options(&s3::bucket().await, proxy.port);
        options.remote = Remote {
            timeout,
            retries: 2,
            prefix: "accountd".to_owned(),
        };
        let objects = Objects::open(Options::S3(options)).unwrap();
        Self { objects, proxy }
    }
}
