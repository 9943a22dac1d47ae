//! Contradictions of the gateway's sections.

use super::{Settings, findings::Findings};

/// The least that a JSON body may be limited to: every request of the documents fits.
const LEAST_BODY: usize = 4096;

pub(super) fn check(settings: &Settings, found: &mut Findings) {
    let gateway = &settings.gateway;
    if let Some(address) = &gateway.address {
        let is_address = address.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
        });
        if !is_address {
            found.refuse(
                "gateway.address",
                "must be an address such as \"https://accounts.example.com:50051\"",
            );
        }
    }
    for origin in &gateway.cors_origins {
        let is_origin = origin == "*"
            || origin.parse::<http::Uri>().is_ok_and(|uri| {
                let path = uri.path();
                uri.scheme_str().is_some() && (path.is_empty() || path == "/")
            }) && !origin.ends_with('/');
        if !is_origin {
            found.refuse(
                "gateway.cors_origins",
                "must be origins such as \"https://shop.example.com\", or \"*\"",
            );
        }
    }
    if gateway.body_bytes < LEAST_BODY {
        found.refuse(
            "gateway.body_bytes",
            format!("must be {LEAST_BODY} or more"),
        );
    }
    if gateway.timeout.is_zero() {
        found.refuse("gateway.timeout", "must be longer than 0");
    }
    if gateway.max_connections == 0 {
        found.refuse("gateway.max_connections", "must be 1 or more");
    }
    let served: Vec<_> = settings
        .dialects
        .all()
        .into_iter()
        .filter(|(_, dialect)| dialect.enabled)
        .collect();
    for (place, (name, dialect)) in served.iter().enumerate() {
        let key = |key: &str| format!("dialects.{name}.{key}");
        match settings.realms.get(&dialect.realm) {
            // The other accountd knows its realms.
            _ if gateway.address.is_some() => {}
            Some(realm) if realm.enabled => {}
            Some(_) => found.warn(key("realm"), "is disabled, so the dialect is not served"),
            None => found.refuse(key("realm"), "names a realm that there is not"),
        }
        let is_prefix = dialect.prefix.is_empty()
            || (dialect.prefix.starts_with('/')
                && !dialect.prefix.ends_with('/')
                && dialect
                    .prefix
                    .parse::<http::uri::PathAndQuery>()
                    .is_ok_and(|path| path.query().is_none()));
        if !is_prefix {
            found.refuse(key("prefix"), "must begin with / and not end with it");
        }
        let same = |other: &&(&str, &super::Dialect)| {
            other.1.listen == dialect.listen
                && other.1.listen.port() != 0
                && other.1.host == dialect.host
                && other.1.prefix == dialect.prefix
        };
        if let Some((other, _)) = served[..place].iter().find(same) {
            found.refuse(
                key("listen"),
                format!(
                    "is where {other} listens; give one of them a host, a prefix or another port"
                ),
            );
        }
        if !dialect.listen.ip().is_loopback() {
            found.warn(
                key("listen"),
                "is open to other machines without TLS; put a proxy that has it in front",
            );
        }
    }
}
