//! How long one more caller would wait.

use std::time::Duration;

use super::{HashOptions, job::Work, stored::Recipe};

/// What one hash takes for each KiB and pass, before any was measured: rather much, so that a fresh pool promises little.
const GUESSED_COST_PER_KIB: Duration = Duration::from_nanos(600);
/// A new measurement counts one part in eight.
const SMOOTHING: u32 = 8;

/// What waits and runs, in hashes of ours, and how long one of them takes.
///
/// Only hashes of ours are measured. What other systems stored may take any time, which is foreseen from its recipe; were
/// it measured too, a few dear ones would have everybody turned away for a while.
pub(super) struct Estimate {
    threads: u64,
    /// Memory times passes of a hash of ours.
    own_work: u64,
    /// How many hashes of ours take as long as all that waits or runs.
    pub(super) load: u64,
    /// Smoothed time of one hash of ours.
    pub(super) cost: Duration,
}

impl Estimate {
    pub(super) fn new(options: &HashOptions) -> Self {
        let kib_passes = options.memory_kib.saturating_mul(options.passes);
        Self {
            threads: options.threads as u64,
            own_work: u64::from(options.memory_kib) * u64::from(options.passes),
            load: 0,
            cost: GUESSED_COST_PER_KIB.saturating_mul(kib_passes),
        }
    }

    /// A job waits from now on.
    pub(super) fn add(&mut self, recipe: &Recipe) {
        self.load += self.weight(recipe);
    }

    /// A job has ended, or is given up.
    pub(super) fn remove(&mut self, recipe: &Recipe) {
        self.load -= self.weight(recipe);
    }

    pub(super) fn measure(&mut self, work: &Work) {
        if work.kib_passes == self.own_work {
            self.cost = (self.cost * (SMOOTHING - 1) + work.time) / SMOOTHING;
        }
    }

    /// The time until one more job would begin, behind those that wait and run.
    pub(super) fn wait(&self, jobs: usize) -> Duration {
        if (jobs as u64) < self.threads {
            return Duration::ZERO;
        }
        let turns = u32::try_from(self.load / self.threads).unwrap_or(u32::MAX);
        self.cost.saturating_mul(turns)
    }

    /// How many hashes of ours take as long.
    fn weight(&self, recipe: &Recipe) -> u64 {
        recipe.work().div_ceil(self.own_work).max(1)
    }
}
