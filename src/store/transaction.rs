//! Trying again when two transactions met.

use std::{future::Future, time::Duration};

/// Waits between attempts: four more are made at the most, so the longest wait is bounded.
const WAITS: [Duration; 4] = [
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(60),
    Duration::from_millis(150),
];

/// Runs `attempt` until it succeeds or fails for a reason that `met_another` denies, five times at the most.
pub async fn retrying<T, E, Work>(
    met_another: impl Fn(&E) -> bool,
    mut attempt: impl FnMut() -> Work,
) -> Result<T, E>
where
    Work: Future<Output = Result<T, E>>,
{
    for wait in WAITS {
        match attempt().await {
            Err(error) if met_another(&error) => tokio::time::sleep(wait).await,
            done => return done,
        }
    }
    attempt().await
}
