//! How a command reaches an accountd that runs: where its listener is, and by which TLS.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

/// How the certificate of a server is checked, and what is shown to it.
#[derive(Clone, Debug, Args)]
pub(super) struct Trust {
    /// PEM file with the authorities to check its certificate against, in place of the system's.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The name that its certificate is for, where the address has another.
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
    /// PEM file with our own certificate, for a server that demands one.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// PEM file with the private key of our certificate.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
}

impl Trust {
    /// The server at an address, which is asked by TLS when that begins with `https:`.
    ///
    /// Refused: what is no URL, files that cannot be read, and options of TLS for an address without it.
    pub(super) fn endpoint(&self, address: String) -> anyhow::Result<Endpoint> {
        let is_private = address.starts_with("https:");
        let endpoint = Endpoint::from_shared(address)
            .context("the address is no URL such as http://127.0.0.1:50051")?;
        if is_private {
            return Ok(endpoint.tls_config(self.tls()?)?);
        }
        let needs_tls = [&self.ca, &self.cert].into_iter().any(Option::is_some);
        anyhow::ensure!(
            !needs_tls && self.domain.is_none(),
            "--ca, --domain, --cert and --key are for an address that begins with https://"
        );
        Ok(endpoint)
    }

    /// Whether a certificate of our own is shown.
    pub(super) const fn has_certificate(&self) -> bool {
        self.cert.is_some()
    }

    fn tls(&self) -> anyhow::Result<ClientTlsConfig> {
        let mut tls = match &self.ca {
            Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
            None => ClientTlsConfig::new().with_native_roots(),
        };
        if let Some(domain) = &self.domain {
            tls = tls.domain_name(domain);
        }
        if let (Some(certificate), Some(key)) = (&self.cert, &self.key) {
            tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
        }
        Ok(tls)
    }
}

/// Where a listener of the configuration is asked from its own machine. `key` is the listener's name there.
pub(super) fn local(listen: SocketAddr, has_tls: bool, key: &str) -> anyhow::Result<String> {
    let mut at = listen;
    anyhow::ensure!(at.port() != 0, "{key} has no fixed port: give --address");
    if at.ip().is_unspecified() {
        at.set_ip(match at {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let scheme = if has_tls { "https" } else { "http" };
    Ok(format!("{scheme}://{at}"))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_all_addresses_is_asked_on_loopback() {
        let asked = |listen: &str, has_tls| local(listen.parse().unwrap(), has_tls, "grpc.listen");
        let found = |listen, has_tls| asked(listen, has_tls).unwrap();
        assert_eq!(found("0.0.0.0:50051", false), "http://127.0.0.1:50051");
        assert_eq!(found("[::]:7", true), "https://[::1]:7");
        assert_eq!(found("10.1.2.3:7", true), "https://10.1.2.3:7");
        assert!(asked("127.0.0.1:0", false).is_err());
    }
}
