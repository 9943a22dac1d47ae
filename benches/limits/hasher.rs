//! Bare hashing at the cost that passwords have by default, counted.

use std::cell::RefCell;

use accountd::config::Settings;

use crate::{
    reference::Reference,
    support::rounds::{Round, Works},
};

/// A process that hashes on all cores while it is told to.
pub(crate) struct Hasher(RefCell<Reference>);

impl Hasher {
    pub(crate) fn start() -> Self {
        let cost = Settings::embedded().passwords;
        let numbers = [cost.memory_kib, cost.passes, cost.lanes].map(|number| number.to_string());
        let [memory, passes, lanes] = numbers.each_ref().map(String::as_str);
        Self(RefCell::new(Reference::start(&[
            "hash", memory, passes, lanes,
        ])))
    }
}

impl Works for Hasher {
    async fn round(&self, time: std::time::Duration) -> Round {
        let process = &mut self.0.borrow_mut().process;
        let cpu_before = process.cpu_seconds();
        process.tell(&time.as_millis().to_string());
        let line = process.line();
        let (calls, seconds) = line.split_once(' ').unwrap();
        Round {
            calls: calls.parse().unwrap(),
            seconds: seconds.parse().unwrap(),
            cpu_seconds: process.cpu_seconds() - cpu_before,
            latencies: Vec::new(),
        }
    }
}
