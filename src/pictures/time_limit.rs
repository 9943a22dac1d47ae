//! The time that one picture may take.

use std::time::{Duration, Instant};

use super::Refusal;

/// A stop watch that refuses once its time is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeLimit {
    end: Option<Instant>,
    most: Duration,
}

impl TimeLimit {
    pub(super) fn start(most: Duration) -> Self {
        // A time too long to be represented never ends.
        let end = Instant::now().checked_add(most);
        Self { end, most }
    }

    pub(super) fn is_over(self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    pub(super) fn check(self) -> Result<(), Refusal> {
        if self.is_over() {
            return Err(Refusal::TooSlow { most: self.most });
        }
        Ok(())
    }
}
