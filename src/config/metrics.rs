//! The section `[metrics]`: where counters can be read.

use std::net::SocketAddr;

use super::declare::settings;

settings! {
    /// Counters for Prometheus; `docs/metrics.md` explains each.
    pub struct Metrics {
        /// Address and port of `GET /metrics`, by HTTP without TLS or password; nothing is counted when not set. Keep it
        /// to loopback or to the network of the monitoring.
        listen: Option<SocketAddr> = None,
    }
}
