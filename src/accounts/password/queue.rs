//! Who waits for a thread, and who is turned away.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};
use zeroize::Zeroizing;

use super::{HashError, HashOptions, phc::Recipe};
use crate::accounts::fields::Password;

/// The bytes of one hash.
pub(super) type Hash = Zeroizing<Vec<u8>>;

/// What one hash takes for each KiB and pass, before any was measured: rather much, so that a fresh pool promises little.
const GUESSED_COST_PER_KIB: Duration = Duration::from_nanos(600);
/// A new measurement counts one part in eight.
const SMOOTHING: u32 = 8;

/// One password to hash, and where its caller waits.
pub(super) struct Job {
    pub(super) recipe: Recipe,
    pub(super) password: Password,
    pub(super) deadline: Option<Instant>,
    pub(super) reply: oneshot::Sender<Result<Hash, HashError>>,
}

/// What a pool has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Hashes computed.
    pub executed: u64,
    /// Memory times passes of those hashes, in KiB: the work done.
    pub kib_passes: u64,
    /// Jobs dropped before they began because their caller had gone.
    pub skipped: u64,
    /// Callers turned away as overload.
    pub refused: u64,
    /// How often a thread took memory from the system.
    pub allocations: u64,
}

/// A queue of fixed length between callers and threads.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    threads: u32,
    places: usize,
}

struct State {
    jobs: VecDeque<Job>,
    running: usize,
    /// Smoothed time of one hash.
    cost: Duration,
    tally: Tally,
    closed: bool,
}

impl Queue {
    pub(super) fn new(options: &HashOptions) -> Self {
        let work = options.memory_kib.saturating_mul(options.passes);
        Self {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                running: 0,
                cost: GUESSED_COST_PER_KIB.saturating_mul(work),
                tally: Tally::default(),
                closed: false,
            }),
            changed: Condvar::new(),
            threads: u32::try_from(options.threads).unwrap_or(u32::MAX),
            places: options.queue,
        }
    }

    /// Takes a job in, or turns its caller away at once.
    pub(super) fn push(&self, job: Job) -> Result<(), HashError> {
        let mut state = self.lock();
        if state.closed {
            return Err(HashError::Stopped);
        }
        if !self.has_room(&state, job.deadline) {
            // Callers that have gone hold places too; they are counted out before anyone is turned away for them.
            state.drop_gone();
            if !self.has_room(&state, job.deadline) {
                state.tally.refused += 1;
                let retry_after = self.wait(&state).max(state.cost);
                return Err(HashError::Overloaded { retry_after });
            }
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The next job that is still worth doing; waits for one. `None` when the pool is gone.
    pub(super) fn pop(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let Some(job) = state.jobs.pop_front() else {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if job.reply.is_closed() {
                state.tally.skipped += 1;
            } else if job.deadline.is_some_and(|at| at <= Instant::now()) {
                state.tally.refused += 1;
                let retry_after = self.wait(&state).max(state.cost);
                let _ = job.reply.send(Err(HashError::Overloaded { retry_after }));
            } else {
                state.running += 1;
                return Some(job);
            }
        }
    }

    /// A job that [`Queue::pop`] gave has ended, well or not.
    pub(super) fn done(&self, work: Option<Work>, allocations: u64) {
        let mut state = self.lock();
        state.running -= 1;
        state.tally.allocations += allocations;
        if let Some(work) = work {
            state.tally.executed += 1;
            state.tally.kib_passes += work.kib_passes;
            state.cost = (state.cost * (SMOOTHING - 1) + work.time) / SMOOTHING;
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().jobs.len()
    }

    pub(super) fn running(&self) -> usize {
        self.lock().running
    }

    pub(super) fn tally(&self) -> Tally {
        self.lock().tally
    }

    /// Ends the threads; callers that wait are told that the pool has stopped.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.jobs.clear();
        drop(state);
        self.changed.notify_all();
    }

    fn has_room(&self, state: &State, deadline: Option<Instant>) -> bool {
        let is_in_time = deadline.is_none_or(|at| {
            let rest = at.checked_duration_since(Instant::now());
            rest.is_some_and(|rest| self.wait(state) <= rest)
        });
        is_in_time && state.jobs.len() < self.places
    }

    /// The estimated time until one more job would begin.
    fn wait(&self, state: &State) -> Duration {
        let ahead = u32::try_from(state.jobs.len() + state.running).unwrap_or(u32::MAX);
        state.cost.saturating_mul(ahead / self.threads)
    }

    /// The lock is never held over a hash, so an async thread may take it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A hash that was computed.
pub(super) struct Work {
    pub(super) kib_passes: u64,
    pub(super) time: Duration,
}

impl State {
    fn drop_gone(&mut self) {
        let before = self.jobs.len();
        self.jobs.retain(|job| !job.reply.is_closed());
        self.tally.skipped += (before - self.jobs.len()) as u64;
    }
}
