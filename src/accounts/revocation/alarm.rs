//! An event that may come a thousand times a second, told in the log once a minute.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::backend::Timestamp;

/// How long it is silent after it was told.
const SILENCE: Duration = Duration::from_mins(1);

/// Counts what happens, and lets one of it into the log once a minute.
#[derive(Debug, Default)]
pub struct Alarm(Mutex<Untold>);

#[derive(Debug, Default)]
struct Untold {
    count: u64,
    told_at: Option<Timestamp>,
}

impl Alarm {
    /// Counts one more. Answers how many there were since it answered last, at most once a minute.
    pub fn raise(&self, now: Timestamp) -> Option<u64> {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        untold.count = untold.count.saturating_add(1);
        // A clock that was set back must not silence it.
        let is_silent = |told: Timestamp| told <= now && now < told + SILENCE;
        if untold.told_at.is_some_and(is_silent) {
            return None;
        }
        untold.told_at = Some(now);
        Some(std::mem::take(&mut untold.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_a_minute_with_all_that_came_between() {
        let alarm = Alarm::default();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        assert_eq!(alarm.raise(at(100)), Some(1));
        assert_eq!(alarm.raise(at(100)), None);
        assert_eq!(alarm.raise(at(159)), None);
        assert_eq!(alarm.raise(at(160)), Some(3));
        assert_eq!(alarm.raise(at(161)), None);
        assert_eq!(alarm.raise(at(20)), Some(2), "the clock was set back");
    }
}
