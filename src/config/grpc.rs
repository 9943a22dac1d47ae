//! The section `[grpc]`: the listener and what one client may take of it.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::declare::settings;

settings! {
    /// The gRPC listener and what one client may take of it.
    pub struct Grpc {
        /// Address and port to listen on. Beyond loopback, set the TLS keys too.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 50051)),
        /// Whether server reflection answers, so that grpcurl works without the proto files.
        reflection: bool = true,
        /// Longest message in bytes. What fits is decoded, so that a field that is too long is refused by its name.
        max_message_bytes: usize = 4_259_840,
        /// Calls in flight on one connection.
        max_streams: u32 = 256,
        /// Connections at a time; more wait to be accepted.
        max_connections: usize = 10_000,
        /// Longest list of request headers in bytes.
        header_bytes: u32 = 16_384,
        /// Longest time for one call: the deadline of calls that bring none, and the cap of those that do.
        request_deadline: Duration = Duration::from_secs(30),
        /// Age at which a connection is asked to go, so that clients spread over new replicas.
        connection_age: Duration = Duration::from_mins(30),
        /// Time after which a connection that was asked to go is cut, or the longest deadline of its calls, where that is longer.
        connection_age_grace: Duration = Duration::from_secs(30),
        /// Silence after which a connection is pinged; the default stays under the 60 s of common load balancers.
        keepalive_interval: Duration = Duration::from_secs(50),
        /// Wait for the answer to such a ping before the connection is closed.
        keepalive_timeout: Duration = Duration::from_secs(20),
        /// Time that calls in flight have at shutdown.
        drain: Duration = Duration::from_secs(30),
        /// PEM file with the certificate chain. Needs `tls_key`.
        tls_certificate: Option<PathBuf> = None,
        /// PEM file with the private key of `tls_certificate`, readable by its owner alone.
        tls_key: Option<PathBuf> = None,
        /// PEM file with the authorities whose client certificates are demanded. Needs `tls_certificate`.
        client_ca: Option<PathBuf> = None,
        /// Networks of the proxies whose `x-forwarded-for` is believed.
        trusted_proxies: Vec<IpNet> = Vec::new(),
    }
}
