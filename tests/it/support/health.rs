//! What a server says of its health.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tonic::{Status, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

pub use tonic_health::pb::health_check_response::ServingStatus;

/// The contract's service, as health names it.
pub const SERVICE: &str = "accountd.v1.AccountService";

/// Longer than any change takes, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long one answer may take: a process that stands still gives none.
const ANSWER: Duration = Duration::from_secs(2);

/// What it says now.
pub async fn check(channel: &Channel, service: &str) -> Result<ServingStatus, Status> {
    let mut request = tonic::Request::new(HealthCheckRequest {
        service: service.to_owned(),
    });
    request.set_timeout(ANSWER);
    let answer = HealthClient::new(channel.clone()).check(request).await?;
    Ok(answer.into_inner().status())
}

/// Waits until it says so, and tells how long that took.
pub async fn becomes(channel: &Channel, service: &str, expected: ServingStatus) -> Duration {
    let since = Instant::now();
    loop {
        let found = check(channel, service).await;
        if matches!(found, Ok(found) if found == expected) {
            return since.elapsed();
        }
        assert!(
            since.elapsed() < PATIENCE,
            "{service:?} does not become {expected:?}: {found:?}"
        );
        sleep(Duration::from_millis(20)).await;
    }
}
