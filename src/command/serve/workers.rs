//! Work that goes on beside the calls: what ends it by accident does not end it for good.

use std::{future::Future, time::Duration};

use tokio_util::sync::CancellationToken;

/// How long a worker that panicked rests, so that one which always does fills no log.
const REST: Duration = Duration::from_secs(1);

/// Runs `work`, and begins it anew whenever it panics, until it ends by itself or `shutdown` finds it at rest.
pub async fn keep<Work>(
    name: &'static str,
    shutdown: CancellationToken,
    work: impl Fn() -> Work + Send,
) where
    Work: Future<Output = ()> + Send + 'static,
{
    // A task of its own, since only a task takes up a panic of all that it awaits.
    while let Err(error) = tokio::spawn(work()).await {
        tracing::error!(worker = name, %error, "a worker panicked and is begun anew");
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}
