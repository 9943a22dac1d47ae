//! `GET /metrics`, on a listener of its own.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock, OnceLock},
    time::Duration,
};

use anyhow::Context as _;
use axum::{Router, routing::get};
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::password::HashPool,
    app::App,
    gateway::{self, Mount, serve::Listener},
    metrics::{self, HashOutcome},
    store::outbox,
};

/// How often the outbox is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// How long a scrape under way may take at the end.
const DRAIN: Duration = Duration::from_secs(1);
/// More than the monitoring needs.
const CONNECTIONS: usize = 64;
/// The text format of Prometheus (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The listener of metrics.
pub(super) struct Metrics {
    listener: Listener,
    recorder: PrometheusHandle,
    /// What is measured for each page, once it is there.
    app: Arc<OnceLock<Arc<App>>>,
    bound: Instant,
}

impl Metrics {
    /// Starts to count, and binds the listener where one is configured.
    pub(super) async fn bind(listen: Option<SocketAddr>) -> anyhow::Result<Option<Self>> {
        let Some(listen) = listen else {
            return Ok(None);
        };
        let recorder = recorder()?;
        let app = Arc::new(OnceLock::<Arc<App>>::new());
        let (page, measured) = (recorder.clone(), Arc::clone(&app));
        let render = async move || {
            if let Some(app) = measured.get() {
                measure(&app.hashing);
            }
            ([(CONTENT_TYPE, TEXT)], page.render())
        };
        let mount = Mount {
            name: "metrics",
            listen,
            host: None,
            prefix: String::new(),
            endpoints: LazyLock::new(Box::new(|| Router::new().route("/metrics", get(render)))),
        };
        let bound = Listener::bind(vec![mount])
            .await
            .map_err(|(address, error)| anyhow::anyhow!("cannot listen on {address}: {error}"))?;
        let listener = bound.into_iter().next().context("no listener of metrics")?;
        Ok(Some(Self {
            listener,
            recorder,
            app,
            bound: Instant::now(),
        }))
    }

    /// The address that it is bound to.
    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.address()
    }

    /// Answers until `ended`.
    pub(super) async fn serve(self, app: Arc<App>, ended: CancellationToken) {
        let started = app.clock.now() - self.bound.elapsed();
        let millis = u64::try_from(started.millis()).unwrap_or_default();
        metrics::process_started(Duration::from_millis(millis));
        self.app.get_or_init(|| Arc::clone(&app));
        let watch = async {
            loop {
                look(&app).await;
                self.recorder.run_upkeep();
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = gateway::serve(self.listener, CONNECTIONS, ended, DRAIN) => {}
            () = watch => {}
        }
    }
}

/// Measures how the hashing of passwords stands.
fn measure(hashing: &HashPool) {
    metrics::hash_slots(hashing.threads(), hashing.running(), hashing.waiting());
    let tally = hashing.tally();
    for (outcome, total) in [
        (HashOutcome::Executed, tally.executed),
        (HashOutcome::Skipped, tally.skipped),
        (HashOutcome::Refused, tally.refused),
    ] {
        metrics::hashes(outcome, total);
    }
}

/// Measures what no call does.
async fn look(app: &App) {
    let now = app.clock.now().millis();
    match outbox::lag(&app.db, now).await {
        Ok(millis) => {
            let millis = u64::try_from(millis).unwrap_or_default();
            metrics::outbox_lag(Duration::from_millis(millis));
        }
        Err(error) => tracing::debug!(%error, "the lag of the outbox is not known"),
    }
}

/// The recorder of this process; all services in it share one.
fn recorder() -> anyhow::Result<PrometheusHandle> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    // Only an empty list of buckets is refused.
    let builder = PrometheusBuilder::new().set_buckets(&metrics::BUCKETS)?;
    let installed = RECORDER.get_or_init(|| {
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if ::metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("this process records metrics elsewhere: /metrics stays empty");
        }
        metrics::start();
        handle
    });
    Ok(installed.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn services_of_one_process_share_a_recorder() {
        let listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let first = Metrics::bind(listen).await.unwrap().unwrap();
        let second = Metrics::bind(listen).await.unwrap().unwrap();
        assert_ne!(first.address().unwrap(), second.address().unwrap());
        metrics::refresh_reused();
        for recorder in [first.recorder, second.recorder] {
            let page = recorder.render();
            assert!(
                page.contains("\naccountd_refresh_reuse_total 1\n"),
                "{page}"
            );
        }
    }

    #[tokio::test]
    async fn without_an_address_nothing_listens() {
        assert!(Metrics::bind(None).await.unwrap().is_none());
    }
}
