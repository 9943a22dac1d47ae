//! The time of day, as a value that tests can set.

use std::{
    ops::{Add, Sub},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// An instant as milliseconds since 1970-01-01 UTC: what the tables hold, since numbers sort alike on every engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant `millis` milliseconds after 1970-01-01 UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01 UTC, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, wait: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

impl Sub for Timestamp {
    type Output = Duration;

    /// How long after `earlier` this is; zero if it is not after.
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Where the time of day comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The operating system's.
    System,
    /// The operating system's, wrong by as much as a test wants.
    #[cfg(feature = "faults")]
    Wrong(crate::faults::Faults),
    /// A time that stands still until it is moved; clones share it.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.millis())))
    }

    /// The present instant.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                let since = std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            #[cfg(feature = "faults")]
            Self::Wrong(faults) => Timestamp(Self::System.now().0 + faults.clock_error()),
            Self::Fixed(millis) => Timestamp(millis.load(Ordering::SeqCst)),
        }
    }

    /// The clock of this process.
    #[cfg_attr(
        not(feature = "faults"),
        expect(unused_variables, reason = "no fault, no wrong time")
    )]
    pub fn of_process(faults: &crate::faults::Faults) -> Self {
        #[cfg(feature = "faults")]
        return Self::Wrong(faults.clone());
        #[cfg(not(feature = "faults"))]
        Self::System
    }

    /// Moves a fixed clock forward. The system's clock stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(millis) = self {
            let step = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            millis.fetch_add(step, Ordering::SeqCst);
        }
    }
}
