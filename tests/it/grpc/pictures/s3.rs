//! The whole service on a bucket that fails, behind a real server that speaks S3.

mod fetching;
mod removing;
mod setting;

use std::time::Duration;

use accountd::config::PictureKind;

use crate::support::{
    fault_proxy::{Fault, FaultProxy},
    s3,
    service::{Engines, Ground, Node},
};

/// What Amazon says when it has too much to do.
const SLOW_DOWN: Fault = Fault::Answer("503 Service Unavailable", "SlowDown");
const FORBIDDEN: Fault = Fault::Answer("403 Forbidden", "AccessDenied");

/// A timeout of the store that a test waits for.
const SHORT: Duration = Duration::from_secs(2);
/// What a call with that timeout may take on a loaded machine.
const BOUND: Duration = Duration::from_secs(30);

/// A node whose pictures go through a proxy to a bucket of their own.
struct Bucket {
    node: Node,
    proxy: FaultProxy,
    name: String,
}

impl Bucket {
    /// One that is waited for much longer than anything takes.
    async fn new(engines: Engines) -> Self {
        Self::with_timeout(engines, Duration::from_mins(1)).await
    }

    async fn with_timeout(engines: Engines, timeout: Duration) -> Self {
        let name = s3::bucket().await;
        let proxy = FaultProxy::before(s3::port().await);
        let ground = Ground::with(engines, |settings| {
            let pictures = &mut settings.pictures;
            pictures.kind = PictureKind::S3;
            pictures.bucket = Some(name.clone());
            pictures.endpoint = Some(format!("http://127.0.0.1:{}", proxy.port));
            pictures.access_key_id = Some(String::from("tester"));
            pictures.secret_access_key = Some(s3::SECRET.into());
            pictures.timeout = timeout;
            pictures.retries = 2;
            // Each download is to reach the bucket.
            pictures.cache = 0;
        });
        let node = ground.await.node().await;
        Self { node, proxy, name }
    }

    /// The objects that the bucket holds, by what the service calls them.
    async fn keys(&self) -> Vec<String> {
        let keys = s3::keys(&self.name).await.into_iter();
        keys.map(|key| key.strip_prefix("accountd/").unwrap().to_owned())
            .collect()
    }

    /// The object that holds the whole picture, where there is only one.
    async fn full(&self) -> String {
        let mut keys = self.keys().await.into_iter();
        keys.find(|key| key.contains("/full-")).unwrap()
    }
}
