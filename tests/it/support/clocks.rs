//! Nodes whose clocks are wrong.

use std::{sync::atomic::Ordering, time::Duration};

use accountd::{
    backend::{Clock, Random, Timestamp},
    keys::Keys,
};

use super::service::Ground;

impl Ground {
    /// The same engines, with a clock of the node's own.
    pub fn with_clock(&self, at: Timestamp) -> Self {
        let clock = Clock::fixed(at);
        let path = self.path().join("keys");
        let delay = self.settings.keys.activation_delay;
        let keys = Keys::load(&path, delay, clock.clone(), Random::System).unwrap();
        let mut ground = self.clone();
        ground.clock = clock;
        ground.keys = keys;
        ground
    }
}

/// Sets a clock that stands still, forward or back.
pub fn set(clock: &Clock, at: Timestamp) {
    let Clock::Fixed(millis) = clock else {
        panic!("a clock that cannot be set");
    };
    millis.store(at.millis(), Ordering::SeqCst);
}

/// That much later, or earlier where it is negative.
pub fn moved(at: Timestamp, minutes: i64) -> Timestamp {
    let by = Duration::from_mins(minutes.unsigned_abs());
    if minutes < 0 { at - by } else { at + by }
}
