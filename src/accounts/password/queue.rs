//! Who waits for a thread, and who is turned away.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    HashError, HashOptions,
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
                state.estimate.remove(&job.recipe);
                state.tally.skipped += 1;
            } else if job.deadline.is_some_and(|at| at <= Instant::now()) {
                state.estimate.remove(&job.recipe);
                state.tally.refused += 1;
                let retry_after = state.retry_after();
                let _ = job.reply.send(Err(HashError::Overloaded { retry_after }));
            } else {
                state.running += 1;
                return Some(job);
            }
        }
    }

    /// A job that [`Queue::pop`] gave has ended, well or not.
    pub(super) fn done(&self, job: &Job, work: Option<Work>, allocations: u64) {
        let mut state = self.lock();
        state.running -= 1;
        state.estimate.remove(&job.recipe);
        state.tally.allocations += allocations;
        if let Some(work) = work {
            state.tally.executed += 1;
            state.tally.kib_passes += work.kib_passes;
            state.estimate.measure(&work);
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
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        accounts::{
            fields::Password,
            password::{
                Pepper,
                argon2::Argon2Recipe,
                job::Hash,
                stored::{Recipe, Stored},
            },
        },
        traces::Queued,
    };

    const HOUR: Duration = Duration::from_hours(1);

    fn queue(threads: usize, places: usize) -> (Queue, HashOptions) {
        let options = HashOptions {
            threads,
            queue: places,
            memory_kib: 1000,
            passes: 3,
            ..HashOptions::default()
        };
        (Queue::new(&options), options)
    }

    type Answer = oneshot::Receiver<Result<Hash, HashError>>;

    fn job(options: &HashOptions, deadline: Option<Instant>) -> (Job, Answer) {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            recipe: Recipe::Argon2(Argon2Recipe::current(options, &Pepper::none(), [0; 16])),
            password: Password::presented("rahasia").unwrap(),
            deadline,
            since: Instant::now(),
            traced: Queued::password(),
            reply,
        };
        (job, answer)
    }

    #[test]
    fn the_estimate_follows_what_hashes_take() {
        let (queue, options) = queue(1, 8);
        let first = Duration::from_micros(1800);
        assert_eq!(queue.lock().estimate.cost, first);
        let mut answers = Vec::new();
        for _ in 0..2 {
            let (job, answer) = job(&options, None);
            queue.push(job).unwrap();
            answers.push(answer);
        }
        let mut jobs = Vec::new();
        for running in [1, 2] {
            jobs.push(queue.pop().unwrap());
            assert_eq!(queue.lock().running, running);
        }
        let time = Duration::from_secs(1);
        let kib_passes = 3000;
        queue.done(&jobs[0], Some(Work { kib_passes, time }), 2);
        assert_eq!(queue.lock().running, 1);
        assert_eq!(queue.lock().estimate.cost, (first * 7 + time) / 8);
        queue.done(&jobs[1], None, 3);
        let tally = Tally {
            executed: 1,
            kib_passes,
            allocations: 5,
            ..Tally::default()
        };
        assert_eq!((queue.tally(), queue.lock().running), (tally, 0));
        assert_eq!(queue.lock().estimate.load, 0);
    }

    /// A job for a stored hash of PBKDF2 with so many iterations.
    fn foreign(options: &HashOptions, iterations: u32) -> (Job, Answer) {
        let hash = "dLvhrMq/8o243AawChuC5BNipv1WStv7ZPja6uSS7Sc";
        let text = format!("$pbkdf2-sha256${iterations}$Z2FyYW0gZGFyaSBsYXV0IQ${hash}");
        let stored = Stored::parse(&text, options, &Pepper::none()).unwrap();
        let (mut job, answer) = job(options, None);
        job.recipe = stored.recipe;
        (job, answer)
    }

    #[test]
    fn foreign_hashes_are_counted_as_dear_as_they_are_and_not_measured() {
        let (queue, options) = queue(2, 8);
        let cost = queue.lock().estimate.cost;
        let mut answers = Vec::new();
        // Counted as one of ours at least, 20 of them, and 7 and a bit.
        for (iterations, load) in [(1, 1), (60_000, 21), (21_001, 29)] {
            let (job, answer) = foreign(&options, iterations);
            queue.push(job).unwrap();
            assert_eq!(queue.lock().estimate.load, load);
            answers.push(answer);
        }
        assert_eq!(queue.lock().wait(), cost * 14, "on two threads");
        // The second has gone.
        answers.remove(1);
        for load in [28, 0] {
            let job = queue.pop().unwrap();
            let work = Work {
                kib_passes: job.recipe.work(),
                time: HOUR,
            };
            queue.done(&job, Some(work), 0);
            let estimate = &queue.lock().estimate;
            assert_eq!((estimate.cost, estimate.load), (cost, load));
        }
        assert_eq!((queue.tally().executed, queue.tally().skipped), (2, 1));
    }

    #[test]
    fn who_waits_is_told_for_how_long() {
        let (queue, options) = queue(2, 5);
        queue.lock().estimate.cost = HOUR;
        let mut answers = Vec::new();
        let after = |hours: u32| Some(Instant::now() + HOUR * hours + HOUR / 2);
        for _ in 0..4 {
            let (job, answer) = job(&options, None);
            queue.push(job).unwrap();
            answers.push(answer);
        }
        assert!(queue.pop().is_some());
        // One at work and three in front, on two threads.
        let refused = queue.push(job(&options, after(1)).0);
        let retry_after = 2 * HOUR;
        assert_eq!(refused, Err(HashError::Overloaded { retry_after }));
        for deadline in [after(2), None] {
            let (job, answer) = job(&options, deadline);
            queue.push(job).unwrap();
            answers.push(answer);
        }
        let refused = queue.push(job(&options, None).0);
        let retry_after = 3 * HOUR;
        assert_eq!(refused, Err(HashError::Overloaded { retry_after }), "full");
        assert_eq!((queue.waiting(), queue.tally().refused), (5, 2));
    }

    #[test]
    fn nobody_is_told_to_come_back_at_once() {
        let (queue, options) = queue(4, 1);
        let (waiting, _answer) = job(&options, None);
        queue.push(waiting).unwrap();
        let retry_after = queue.lock().estimate.cost;
        let refused = queue.push(job(&options, None).0);
        assert_eq!(refused, Err(HashError::Overloaded { retry_after }));
    }

    #[test]
    fn only_who_went_makes_room() {
        let (queue, options) = queue(1, 2);
        let mut answers = Vec::new();
        for _ in 0..2 {
            let (job, answer) = job(&options, None);
            queue.push(job).unwrap();
            answers.push(answer);
        }
        answers.pop();
        queue.push(job(&options, None).0).unwrap();
        assert_eq!((queue.waiting(), queue.tally().skipped), (2, 1));
    }

    #[test]
    fn who_went_or_came_too_late_is_passed_over() {
        let (queue, options) = queue(1, 8);
        for _ in 0..2 {
            let (job, answer) = job(&options, None);
            queue.push(job).unwrap();
            drop(answer);
        }
        let mut late = Vec::new();
        for _ in 0..2 {
            let (job, answer) = job(&options, Some(Instant::now()));
            // Its time was not over when it came.
            queue.lock().put(job);
            late.push(answer);
        }
        let (fine, _answer) = job(&options, None);
        queue.push(fine).unwrap();
        let found = queue.pop().unwrap();
        assert_eq!(found.deadline, None);
        let cost = queue.lock().estimate.cost;
        for (mut answer, ahead) in late.into_iter().zip([2, 1]) {
            let retry_after = cost * ahead;
            let refused = answer.try_recv().unwrap();
            assert_eq!(refused, Err(HashError::Overloaded { retry_after }));
        }
        let tally = queue.tally();
        assert_eq!((tally.skipped, tally.refused), (2, 2));
    }

    #[test]
    fn a_closed_queue_gives_and_takes_nothing() {
        let (queue, options) = queue(1, 8);
        let (waiting, mut answer) = job(&options, None);
        queue.push(waiting).unwrap();
        queue.close();
        assert!(
            answer
                .try_recv()
                .is_err_and(|error| error == oneshot::error::TryRecvError::Closed)
        );
        assert_eq!(queue.push(job(&options, None).0), Err(HashError::Stopped));
        assert!(queue.pop().is_none());
    }
}
