//! The section `[admin]`: where operators are served, and who they are.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::declare::settings;

settings! {
    /// What operators do, by `accountd admin` or by clients of their own: `AdminService`, on a listener of its own.
    pub struct Admin {
        /// Address and port; operators are not served when not set. Without `tls_certificate` only loopback is taken, since
        /// an operator's token would be open to the network.
        listen: Option<SocketAddr> = None,
        /// TOML file of the operators, written by `accountd admin operator add`; `operators.toml` in `data_directory` when
        /// not set. It is read for each call, so a change acts at once.
        operators: Option<PathBuf> = None,
        /// Longest time of an import or an export.
        stream_deadline: Duration = Duration::from_hours(6),
        /// PEM file with the certificate chain. Needs `tls_key`.
        tls_certificate: Option<PathBuf> = None,
        /// PEM file with the private key of `tls_certificate`, readable by its owner alone.
        tls_key: Option<PathBuf> = None,
        /// PEM file with the authorities whose client certificates are demanded. Needs `tls_certificate`.
        client_ca: Option<PathBuf> = None,
    }
}
