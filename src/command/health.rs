//! `accountd health`: for containers, which have no other client at hand.

use std::{path::Path, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Args;
use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::connect::{self, Trust};
use crate::config::{self, Origin};

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
    #[command(flatten)]
    trust: Trust,
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
        self.trust.endpoint(address)
    }
}

/// Where the listener is that the configuration names, sound or not: a service serves on while its file has faults, and is not
/// to be called ill for them, as far as the file can be read at all.
fn configured(path: Option<&Path>) -> anyhow::Result<String> {
    let settings = Origin::new(path, config::environment()).glance();
    let settings = settings.map_err(|faults| anyhow::anyhow!("{faults}"));
    let grpc = settings
        .context("correct the configuration, or give --address")?
        .grpc;
    connect::local(grpc.listen, grpc.tls_certificate.is_some(), "grpc.listen")
}
