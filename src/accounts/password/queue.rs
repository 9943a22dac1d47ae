//! Who waits for a thread, and who is turned away.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    HashError, HashOptions,
    budget::Budget,
    estimate::Estimate,
    job::{Job, Tally, Work},
};

/// A queue of fixed length between callers and threads.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    places: usize,
}

struct State {
    jobs: VecDeque<Job>,
    running: usize,
    estimate: Estimate,
    budget: Budget,
    tally: Tally,
    closed: bool,
}

impl Queue {
    pub(super) fn new(options: &HashOptions) -> Self {
        Self {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                running: 0,
                estimate: Estimate::new(options),
                budget: Budget::new(options),
                tally: Tally::default(),
                closed: false,
            }),
            changed: Condvar::new(),
            places: options.queue,
        }
    }

    /// Takes a job in, or turns its caller away at once.
    pub(super) fn push(&self, job: Job) -> Result<(), HashError> {
        let mut state = self.lock();
        self.admit_to(&mut state, job.deadline)?;
        state.put(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Turns a caller away at once whose job would be turned away now.
    pub(super) fn admit(&self, deadline: Option<Instant>) -> Result<(), HashError> {
        self.admit_to(&mut self.lock(), deadline)
    }

    fn admit_to(&self, state: &mut State, deadline: Option<Instant>) -> Result<(), HashError> {
        if state.closed {
            return Err(HashError::Stopped);
        }
        if !self.has_room(state, deadline) {
            // Callers that have gone hold places too; they are counted out before anyone is turned away for them.
            state.drop_gone();
            if !self.has_room(state, deadline) {
                state.tally.refused += 1;
                let retry_after = state.retry_after();
                return Err(HashError::Overloaded { retry_after });
            }
        }
        Ok(())
    }

    /// Whether a job would begin by then, as far as can be told.
    pub(super) fn is_free_by(&self, deadline: Instant) -> bool {
        let state = self.lock();
        !state.closed && self.has_room(&state, Some(deadline))
    }

    /// The next job that is still worth doing, and that there is memory for; waits for one. `None` when the pool is gone.
    pub(super) fn pop(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let Some(job) = state.next() else {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if job.reply.is_closed() {
                state.estimate.remove(&job.recipe);
                state.tally.skipped += 1;
            } else if job.deadline.is_some_and(|at| at <= Instant::now()) {
                state.estimate.remove(&job.recipe);
                state.tally.refused += 1;
                let retry_after = state.retry_after();
                let _ = job.reply.send(Err(HashError::Overloaded { retry_after }));
            } else {
                state.running += 1;
                state.budget.take(&job.recipe);
                return Some(job);
            }
        }
    }

    /// A job that [`Queue::pop`] gave has ended, well or not.
    pub(super) fn done(&self, job: &Job, work: Option<Work>, allocations: u64) {
        let mut state = self.lock();
        state.running -= 1;
        state.budget.give_back(&job.recipe);
        state.estimate.remove(&job.recipe);
        state.tally.allocations += allocations;
        if let Some(work) = work {
            state.tally.executed += 1;
            state.tally.kib_passes += work.kib_passes;
            state.estimate.measure(&work);
        }
        drop(state);
        // Who waits for memory may be behind this very thread.
        self.changed.notify_all();
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
            rest.is_some_and(|rest| state.wait() <= rest)
        });
        is_in_time && state.jobs.len() < self.places
    }

    /// The lock is never held over a hash, so an async thread may take it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The estimated time until one more job would begin.
    fn wait(&self) -> Duration {
        self.estimate.wait(self.jobs.len() + self.running)
    }

    /// When it is worth coming back: never at once.
    fn retry_after(&self) -> Duration {
        self.wait().max(self.estimate.cost)
    }

    /// Takes out the first job that there is memory for, or that is not to be done at all.
    fn next(&mut self) -> Option<Job> {
        let now = Instant::now();
        let place = self.jobs.iter().position(|job| {
            job.reply.is_closed()
                || job.deadline.is_some_and(|at| at <= now)
                || self.budget.fits(&job.recipe)
        });
        self.jobs.remove(place?)
    }

    fn put(&mut self, job: Job) {
        self.estimate.add(&job.recipe);
        self.jobs.push_back(job);
    }

    fn drop_gone(&mut self) {
        let before = self.jobs.len();
        self.jobs.retain(|job| {
            let has_gone = job.reply.is_closed();
            if has_gone {
                self.estimate.remove(&job.recipe);
            }
            !has_gone
        });
        self.tally.skipped += (before - self.jobs.len()) as u64;
    }
}

#[cfg(test)]
mod tests;
