//! The order in which passwords are hashed, and who is turned away.

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
