//! Who waits for a thread, and who is turned away.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};

use super::{StudioError, StudioOptions};
use crate::pictures::{Limits, Picture, Spooled};

/// What one picture takes, before any was measured.
const GUESSED_COST: Duration = Duration::from_millis(500);
/// A new measurement counts one part in eight.
const SMOOTHING: u32 = 8;

/// One file to render, and where its caller waits. Its bytes stay on disk until its turn.
pub(super) struct Job {
    pub(super) file: Spooled,
    pub(super) limits: Arc<Limits>,
    pub(super) deadline: Option<Instant>,
    pub(super) reply: oneshot::Sender<Result<Picture, StudioError>>,
}

/// A queue of fixed length between callers and threads.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    options: StudioOptions,
}

struct State {
    jobs: VecDeque<Job>,
    running: usize,
    /// Smoothed time of one picture.
    cost: Duration,
    closed: bool,
}

impl Queue {
    pub(super) fn new(options: StudioOptions) -> Self {
        Self {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                running: 0,
                cost: GUESSED_COST,
                closed: false,
            }),
            changed: Condvar::new(),
            options,
        }
    }

    /// Takes a job in, or turns its caller away at once. A job waits if no thread is free for it.
    pub(super) fn push(&self, job: Job) -> Result<(), StudioError> {
        let mut state = self.lock();
        if state.closed {
            return Err(StudioError::stopped());
        }
        if !self.has_room(&state) {
            // Callers that have gone hold places too; they are counted out before anyone is turned away for them.
            state.jobs.retain(|job| !job.reply.is_closed());
            if !self.has_room(&state) {
                let retry = self.wait(&state).max(state.cost);
                return Err(StudioError::Overloaded { retry });
            }
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The next job that is still worth doing; waits for one. `None` when the studio is gone.
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
                continue;
            }
            if job.deadline.is_some_and(|at| at <= Instant::now()) {
                let _ = job.reply.send(Err(StudioError::Late));
                continue;
            }
            state.running += 1;
            return Some(job);
        }
    }

    /// A job that [`Queue::pop`] gave has ended, well or not.
    pub(super) fn done(&self, time: Duration) {
        let mut state = self.lock();
        state.running -= 1;
        state.cost = (state.cost * (SMOOTHING - 1) + time) / SMOOTHING;
    }

    /// Ends the threads; callers that wait are told that the studio has stopped.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.jobs.clear();
        drop(state);
        self.changed.notify_all();
    }

    /// Threads that are free count as places, so that a queue of 0 still takes what can begin at once.
    fn has_room(&self, state: &State) -> bool {
        let places = self.options.queue.saturating_add(self.options.threads);
        state.jobs.len() + state.running < places
    }

    /// The estimated time until one more job would begin.
    fn wait(&self, state: &State) -> Duration {
        let ahead = (state.jobs.len() + state.running) / self.options.threads.max(1);
        state
            .cost
            .saturating_mul(u32::try_from(ahead).unwrap_or(u32::MAX))
    }

    /// The lock is never held over a picture, so an async thread may take it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
