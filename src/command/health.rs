//! `accountd health`: for containers, which have no other client at hand.

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// Asks the accountd at `address` whether it serves. Exits 0 if it says so within five seconds.
pub fn run(address: String) -> anyhow::Result<ExitCode> {
    let endpoint = Endpoint::from_shared(address)
        .context("the address is no URL such as http://127.0.0.1:50051")?
        .timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(5));
    let answer = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let channel = endpoint.connect().await?;
            let answer = HealthClient::new(channel)
                .check(HealthCheckRequest::default())
                .await?;
            anyhow::Ok(answer.into_inner())
        })?;
    println!("{}", answer.status().as_str_name());
    Ok(if answer.status() == ServingStatus::Serving {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
