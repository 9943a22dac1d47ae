//! Who is calling, and what goes along with the call.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use tonic::{
    metadata::{Ascii, MetadataValue},
    transport::server::TcpConnectInfo,
};

/// The id of a request, both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The trace that the call is part of (<https://www.w3.org/TR/trace-context/>).
pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What other systems say of the trace.
pub(super) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What of an HTTP request goes along with the call that it becomes. Nothing else of its headers does (AZ-09).
#[derive(Clone, Debug)]
pub(super) struct Caller {
    peer: Option<SocketAddr>,
    headers: HeaderMap,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            peer: peer.map(|ConnectInfo(address)| *address),
            headers: parts.headers.clone(),
        })
    }
}

impl Caller {
    /// The token of `Authorization: Bearer …`, or the whole value, as the older documents have it.
    pub(super) fn token(&self) -> Option<&str> {
        let mut lines = self.headers.get_all(header::AUTHORIZATION).iter();
        let line = lines.next()?.to_str().ok()?.trim();
        if lines.next().is_some() || line.is_empty() {
            return None;
        }
        match line.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
            Some(_) => None,
            None => Some(line),
        }
    }

    /// The value of a header, where it is text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The client's name for this request, for the field `request_id` of the contract.
    pub(super) fn idempotency_key(&self) -> String {
        let key = self.header(&IDEMPOTENCY_KEY);
        key.map(str::to_owned).unwrap_or_default()
    }

    /// The message as a call of ours.
    ///
    /// In process, the policy behind the contract judges the address of the connection and what proxies say of it, as on
    /// its own socket. Another accountd is told the address as a proxy tells it.
    pub(super) fn request<T>(
        &self,
        message: T,
        token: Option<&str>,
        timeout: Option<Duration>,
        is_remote: bool,
    ) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        if let Some(timeout) = timeout {
            request.set_timeout(timeout);
        }
        if is_remote {
            request.extensions_mut().clear();
        } else {
            request.extensions_mut().insert(TcpConnectInfo {
                local_addr: None,
                remote_addr: self.peer,
            });
        }
        let metadata = request.metadata_mut();
        let mut put = |name: &'static str, value: Option<MetadataValue<Ascii>>| {
            if let Some(value) = value {
                metadata.insert(name, value);
            }
        };
        put("x-request-id", ascii(self.headers.get(&REQUEST_ID)));
        put("user-agent", ascii(self.headers.get(header::USER_AGENT)));
        put("traceparent", ascii(self.only(&TRACEPARENT)));
        put("tracestate", self.tracestate());
        put("x-forwarded-for", self.forwarded_for(is_remote));
        if let Some(token) = token {
            put("authorization", format!("Bearer {token}").parse().ok());
        }
        request
    }

    /// The value of a header that was sent once.
    fn only(&self, name: &HeaderName) -> Option<&HeaderValue> {
        let mut lines = self.headers.get_all(name).iter();
        lines.next().filter(|_| lines.next().is_none())
    }

    /// All lines of `tracestate` as the one that they are equal to.
    fn tracestate(&self) -> Option<MetadataValue<Ascii>> {
        let lines = self.headers.get_all(&TRACESTATE).iter();
        let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        if lines.is_empty() {
            return None;
        }
        lines.join(",").parse().ok()
    }

    /// What proxies before us have said, and to another accountd also who spoke to us.
    fn forwarded_for(&self, is_remote: bool) -> Option<MetadataValue<Ascii>> {
        let lines = self.headers.get_all(&FORWARDED_FOR).iter();
        let mut hops: Vec<String> = lines
            .filter_map(|line| Some(line.to_str().ok()?.to_owned()))
            .collect();
        if is_remote {
            hops.extend(self.peer.map(|peer| peer.ip().to_string()));
        }
        if hops.is_empty() {
            return None;
        }
        hops.join(", ").parse().ok()
    }
}

fn ascii(value: Option<&HeaderValue>) -> Option<MetadataValue<Ascii>> {
    value?.to_str().ok()?.parse().ok()
}
