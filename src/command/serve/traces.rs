//! Where spans go, by the configuration.

use std::{fs, future::Future};

use anyhow::Context as _;
use http::{HeaderMap, HeaderName, HeaderValue};
use tonic::{
    metadata::MetadataMap,
    transport::{Certificate, ClientTlsConfig, Endpoint},
};
use uuid::Builder;

use crate::{
    backend::Random,
    config,
    traces::{self, Options},
};

/// Does `work` with spans on their way to the collector that is configured, if one is, and sends those that are left when it
/// is done, well or not.
pub(super) async fn during<T>(
    settings: &config::Traces,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let exporter = match &settings.endpoint {
        Some(endpoint) => Some(traces::start(options(settings, endpoint)?)?),
        None => None,
    };
    let done = work.await;
    if let Some(exporter) = exporter {
        exporter.finish().await;
    }
    done
}

fn options(settings: &config::Traces, endpoint: &str) -> anyhow::Result<Options> {
    let instance = Builder::from_random_bytes(Random::System.bytes()).into_uuid();
    let own = [
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", instance.to_string()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let given = settings.attribute_pairs();
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Options {
        endpoint: collector(settings, endpoint)?,
        headers: headers(settings)?,
        ratio: settings.ratio,
        queue: settings.queue,
        timeout: settings.timeout,
        service_name: settings.service_name.clone(),
        attributes: own.into_iter().chain(given).collect(),
    })
}

fn collector(settings: &config::Traces, address: &str) -> anyhow::Result<Endpoint> {
    let endpoint =
        Endpoint::from_shared(address.to_owned()).context("traces.endpoint is no address")?;
    if !address.starts_with("https:") {
        return Ok(endpoint);
    }
    let tls = match &settings.ca_file {
        Some(path) => {
            let authorities = fs::read(path)
                .with_context(|| format!("traces.ca_file: cannot read {}", path.display()))?;
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authorities))
        }
        None => ClientTlsConfig::new().with_native_roots(),
    };
    endpoint
        .tls_config(tls)
        .context("traces.ca_file: no authorities can be used")
}

fn headers(settings: &config::Traces) -> anyhow::Result<MetadataMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in settings.header_pairs() {
        let mut value = HeaderValue::try_from(value).context("traces.headers")?;
        value.set_sensitive(true);
        headers.append(HeaderName::try_from(name).context("traces.headers")?, value);
    }
    Ok(MetadataMap::from_headers(headers))
}
