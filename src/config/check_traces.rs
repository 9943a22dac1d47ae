//! Contradictions and weak points of the way to the collector of spans.

use http::{HeaderName, HeaderValue, Uri, uri::Authority};
use secrecy::ExposeSecret as _;

use super::{
    Settings, Traces, check::positive, check_outside::readable, findings::Findings, secret,
    traces::pair,
};

/// Spans in one batch, so that a queue is no smaller.
const LEAST_QUEUE: usize = 512;

/// More than this would take hundreds of megabytes.
const LARGEST_QUEUE: usize = 1_000_000;

pub(super) fn check(settings: &Settings, found: &mut Findings) {
    let traces = &settings.traces;
    if !(0.0..=1.0).contains(&traces.ratio) {
        found.refuse("traces.ratio", "must be from 0 to 1");
    }
    if !(LEAST_QUEUE..=LARGEST_QUEUE).contains(&traces.queue) {
        found.refuse(
            "traces.queue",
            format!("must be from {LEAST_QUEUE} to {LARGEST_QUEUE}"),
        );
    }
    positive(found, "traces.timeout", traces.timeout);
    if traces.service_name.trim().is_empty() {
        found.refuse("traces.service_name", "must not be empty");
    }
    traces.check_pairs(found);
    readable(found, "traces.ca_file", traces.ca_file.as_ref());
    if let Some(endpoint) = &traces.endpoint {
        traces.check_endpoint(endpoint, found);
    }
}

impl Traces {
    fn check_pairs(&self, found: &mut Findings) {
        for header in &self.headers {
            // What is refused may be a secret, and is not told.
            let is_header = pair(header.expose_secret()).is_some_and(|(name, value)| {
                HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok()
            });
            if !is_header {
                found.refuse(
                    "traces.headers",
                    "must be headers as `name=value`, of visible characters",
                );
            }
        }
        for attribute in &self.attributes {
            match pair(attribute) {
                Some(("service.name", _)) => found.refuse(
                    "traces.attributes",
                    "must not hold service.name, which service_name sets",
                ),
                Some(_) => {}
                None => found.refuse(
                    "traces.attributes",
                    format!("must be attributes as `name=value`, not `{attribute}`"),
                ),
            }
        }
    }

    fn check_endpoint(&self, endpoint: &str, found: &mut Findings) {
        let is_tls = endpoint.starts_with("https://");
        let address: Option<Uri> = endpoint.parse().ok();
        let is_address = address.is_some_and(|uri| {
            uri.authority().is_some_and(is_host_and_port)
                && uri.path_and_query().is_none_or(|path| path == "/")
        });
        if !is_address || !(is_tls || endpoint.starts_with("http://")) {
            return found.refuse(
                "traces.endpoint",
                "must be `http://` or `https://`, a host and a port, and nothing behind it, such as \
                 \"http://localhost:4317\"",
            );
        }
        if is_tls {
            return;
        }
        if self.ca_file.is_some() {
            found.refuse("traces.ca_file", "is of use with an https:// endpoint only");
        }
        if secret::is_loopback(endpoint) {
            return;
        }
        if self.headers.is_empty() {
            found.warn(
                "traces.endpoint",
                "reaches another machine without TLS; take `https://`",
            );
        } else {
            found.refuse(
                "traces.endpoint",
                "would send the headers in the open; take `https://`",
            );
        }
    }
}

/// Whether there is neither a user nor a port that is no number.
fn is_host_and_port(authority: &Authority) -> bool {
    let host = authority.host();
    authority.as_str() == host
        || authority
            .port_u16()
            .is_some_and(|port| authority.as_str() == format!("{host}:{port}"))
}
