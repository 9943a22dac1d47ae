//! `accountd health`: for containers, which have no other client at hand.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::config::{self, Grpc, Settings};

/// The arguments of `accountd health`.
#[derive(Clone, Debug, Args)]
pub struct Health {
    /// The address of its gRPC listener, such as `http://127.0.0.1:50051`; by default the one that the configuration names.
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// What to ask for: the whole server when left out, or one of `accountd.sql`, `accountd.kv`, `accountd.mail` and
    /// `accountd.pictures`.
    #[arg(
        long,
        default_value = "",
        value_name = "NAME",
        hide_default_value = true
    )]
    service: String,
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
    /// The longest that the answer may take.
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = super::time_limit)]
    timeout: Duration,
}

/// Asks an accountd whether it serves. Exits 0 if it says so in time.
///
/// Without an address it asks the listener that the configuration file at `path` and the variables of this process name.
pub fn run(options: &Health, path: Option<&Path>) -> anyhow::Result<ExitCode> {
    let endpoint = options.endpoint(path)?;
    let request = HealthCheckRequest {
        service: options.service.clone(),
    };
    let ask = async {
        let channel = endpoint.connect().await?;
        let answer = HealthClient::new(channel).check(request).await;
        if matches!(&answer, Err(status) if status.code() == tonic::Code::NotFound) {
            anyhow::bail!("it knows no service {:?}", options.service);
        }
        anyhow::Ok(answer?.into_inner())
    };
    let answer = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async { tokio::time::timeout(options.timeout, ask).await })
        .with_context(|| format!("no answer within {:?}", options.timeout))??;
    println!("{}", answer.status().as_str_name());
    Ok(if answer.status() == ServingStatus::Serving {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Health {
    fn endpoint(&self, path: Option<&Path>) -> anyhow::Result<Endpoint> {
        let address = match &self.address {
            Some(address) => address.clone(),
            None => configured(path)?,
        };
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

/// Where the listener is that the configuration names.
fn configured(path: Option<&Path>) -> anyhow::Result<String> {
    let settings = Settings::load(path, config::environment());
    let settings = settings.map_err(|faults| anyhow::anyhow!("{faults}"));
    address(
        &settings
            .context("correct the configuration, or give --address")?
            .grpc,
    )
}

/// Where the listener of the configuration is asked from its own machine.
fn address(grpc: &Grpc) -> anyhow::Result<String> {
    let mut at: SocketAddr = grpc.listen;
    anyhow::ensure!(
        at.port() != 0,
        "grpc.listen has no fixed port: give --address"
    );
    if at.ip().is_unspecified() {
        at.set_ip(match at {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let scheme = match grpc.tls_certificate {
        Some(_) => "https",
        None => "http",
    };
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
        let asked = |listen: &str, has_tls: bool| {
            let listen = listen.parse().unwrap();
            let tls_certificate = has_tls.then(|| PathBuf::from("tls.crt"));
            address(&Grpc {
                listen,
                tls_certificate,
                ..Grpc::default()
            })
        };
        let found = |listen, has_tls| asked(listen, has_tls).unwrap();
        assert_eq!(found("0.0.0.0:50051", false), "http://127.0.0.1:50051");
        assert_eq!(found("[::]:7", true), "https://[::1]:7");
        assert_eq!(found("10.1.2.3:7", true), "https://10.1.2.3:7");
        assert!(asked("127.0.0.1:0", false).is_err());
    }
}
