//! The way to the collector.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry::{InstrumentationScope, KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanExporter,
    },
};
use tonic::{metadata::MetadataMap, transport::Endpoint};

use super::{TRACING, Tracing};

/// Spans in one message to the collector, at the most.
const BATCH: usize = 512;

/// How long spans wait for others to go with.
const REST: Duration = Duration::from_secs(2);

/// How often a silent connection is asked whether it lives. By TCP, since many a collector takes offence at pings.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Where spans go, and which.
#[derive(Debug)]
pub struct Options {
    /// The collector.
    pub endpoint: Endpoint,
    /// What goes along with every message to it.
    pub headers: MetadataMap,
    /// Part of the traces that begin here which are recorded, from 0 to 1.
    pub ratio: f64,
    /// Spans that wait, at the most.
    pub queue: usize,
    /// Time for one message, and for all that are left at the end.
    pub timeout: Duration,
    /// Name of the service.
    pub service_name: String,
    /// Attributes of the service, of which a later one wins.
    pub attributes: Vec<(String, String)>,
}

/// Why no spans can be made.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The exporter refuses its options.
    #[error("spans cannot be sent: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// There can be one in a process.
    #[error("spans are sent already")]
    Twice,
}

/// The sending of spans, on a thread of its own.
#[derive(Debug)]
pub struct Exporter {
    provider: SdkTracerProvider,
    timeout: Duration,
}

/// Begins to make spans and to send them. Whether the collector can be reached makes no difference to anything else.
///
/// Must be called in a runtime, to which the connection belongs.
pub fn start(options: Options) -> Result<Exporter, StartError> {
    let (timeout, ratio) = (options.timeout, options.ratio);
    let endpoint = options
        .endpoint
        .connect_timeout(timeout)
        .timeout(timeout)
        .tcp_keepalive(Some(KEEPALIVE));
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_channel(endpoint.connect_lazy())
        .with_metadata(options.headers)
        .with_timeout(timeout)
        .build()?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(options.queue)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(REST)
        .build();
    let processor = BatchSpanProcessor::builder(Told::new(exporter))
        .with_batch_config(batches)
        .build();
    let attributes = options.attributes.into_iter();
    let resource = Resource::builder_empty()
        .with_service_name(options.service_name)
        .with_attributes(attributes.map(|(name, value)| KeyValue::new(name, value)))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
            ratio,
        ))))
        .with_span_processor(processor)
        .build();
    let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .build();
    let tracing = Tracing {
        tracer: provider.tracer_with_scope(scope),
        begins: ratio > 0.0,
    };
    TRACING.set(tracing).map_err(|_| StartError::Twice)?;
    Ok(Exporter { provider, timeout })
}

impl Exporter {
    /// Sends what is left, for as long as one message may take, and makes no spans any more.
    pub async fn finish(self) {
        let Self { provider, timeout } = self;
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(timeout));
        match ended.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last spans are lost"),
            Err(error) => tracing::error!(%error, "the last spans are lost"),
        }
    }
}

/// Tells the log when the collector is lost and found, once each.
struct Told<E> {
    inner: E,
    is_lost: AtomicBool,
}

impl<E> Told<E> {
    const fn new(inner: E) -> Self {
        Self {
            inner,
            is_lost: AtomicBool::new(false),
        }
    }
}

impl<E: SpanExporter> SpanExporter for Told<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let done = self.inner.export(batch).await;
        let was_lost = self.is_lost.swap(done.is_err(), Ordering::Relaxed);
        match &done {
            Err(error) if !was_lost => {
                tracing::warn!(%error, "the collector takes no spans: they are lost until it does");
            }
            Ok(()) if was_lost => tracing::info!("the collector takes spans again"),
            _ => {}
        }
        done
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.inner.shutdown()
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

impl<E> fmt::Debug for Told<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}
