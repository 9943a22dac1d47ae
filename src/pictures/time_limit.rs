//! The time that decoding one picture may take.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::Refusal;

/// A stop watch of one thread, which refuses once the thread has worked for that long. Time in which it waits for a
/// processor does not count, so a busy machine refuses nothing. All its methods belong on the thread that started it.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeLimit {
    end: Duration,
    most: Duration,
}

impl TimeLimit {
    pub(super) fn start(most: Duration) -> Self {
        // A time too long to be represented never ends.
        let end = worked().saturating_add(most);
        Self { end, most }
    }

    pub(super) fn is_over(self) -> bool {
        worked() >= self.end
    }

    pub(super) fn check(self) -> Result<(), Refusal> {
        if self.is_over() {
            return Err(Refusal::TooSlow { most: self.most });
        }
        Ok(())
    }
}

/// What this thread has taken of the processors until now.
fn worked() -> Duration {
    // The clock counts from the start of the thread, so it is never negative.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Instant};

    use super::*;

    #[test]
    fn waiting_does_not_count() {
        let most = Duration::from_millis(200);
        let started = Instant::now();
        let limit = TimeLimit::start(most);
        let (_sender, receiver) = mpsc::channel::<()>();
        assert!(receiver.recv_timeout(2 * most).is_err());
        assert!(started.elapsed() >= 2 * most);
        assert_eq!(limit.check(), Ok(()));
    }

    #[test]
    fn work_counts() {
        let most = Duration::from_millis(1);
        let limit = TimeLimit::start(most);
        while !limit.is_over() {
            std::hint::spin_loop();
        }
        assert_eq!(limit.check(), Err(Refusal::TooSlow { most }));
    }
}
