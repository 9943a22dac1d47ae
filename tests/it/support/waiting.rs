//! Waiting for what tells nobody that it has happened.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Longer than anything takes that is waited for, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until it is so.
///
/// # Panics
/// After half a minute, saying what has not happened.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(1)).await;
    }
}
