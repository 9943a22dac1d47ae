//! The section `[traces]`: where spans of calls go.

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};

use super::declare::settings;

settings! {
    /// Spans of calls, sent to an OpenTelemetry collector; `docs/traces.md` names each.
    pub struct Traces {
        /// Collector that takes OTLP by gRPC, such as `http://localhost:4317` or, with TLS, `https://…`; no spans are made
        /// when not set.
        endpoint: Option<String> = None,
        /// Headers for the collector, `name=value` each, such as a token.
        headers: Vec<SecretString> = Vec::new(),
        /// PEM file with the authorities that an `https://` collector is checked against, in place of the system's.
        ca_file: Option<PathBuf> = None,
        /// Part of the traces that begin here which are recorded, from 0 to 1. Where a caller has begun the trace, the
        /// caller has decided.
        ratio: f64 = 1.0,
        /// Spans that wait for the collector, at the most; what comes beyond them is lost.
        queue: usize = 2048,
        /// Longest time for one batch of spans, and for all that are left when the service ends.
        timeout: Duration = Duration::from_secs(5),
        /// Name of the service (`service.name`).
        service_name: String = String::from("accountd"),
        /// More attributes of the service, `name=value` each, such as `deployment.environment.name=production`.
        attributes: Vec<String> = Vec::new(),
    }
}

impl Traces {
    /// The headers, taken apart. What is none is left out, since the check has refused it.
    pub fn header_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.headers.iter();
        headers.filter_map(|header| pair(header.expose_secret()))
    }

    /// The attributes, taken apart. What is none is left out, since the check has refused it.
    pub fn attribute_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().filter_map(|text| pair(text))
    }
}

/// Name and value of `name=value`, neither of them empty.
pub(super) fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty() && !value.is_empty()).then_some((name, value))
}
