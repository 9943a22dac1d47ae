//! When to try again.

use std::time::Duration;

use crate::backend::{Random, SendError};

/// The wait after the first attempt.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait when the relay is out of reach: mail leaves within a minute of its return.
const CLOSED_MAX: Duration = Duration::from_secs(30);
/// The longest wait when the letter itself was refused.
const REFUSED_MAX: Duration = Duration::from_mins(5);

/// How long to wait after attempt number `attempts` failed with `error`: twice as long each time, of which the second
/// half is left to chance, so that letters refused together do not come back together.
pub(super) fn wait(attempts: i32, error: &SendError, random: &Random) -> Duration {
    let longest = match error {
        SendError::Closed(_) => CLOSED_MAX,
        SendError::Later(_) | SendError::Unsure(_) | SendError::Never(_) => REFUSED_MAX,
    };
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(0)
        .min(16);
    let half = FIRST.saturating_mul(1 << doublings).min(longest) / 2;
    half + half.mul_f64(f64::from(random.bytes::<1>()[0]) / f64::from(u8::MAX))
}
