//! The threads that render.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Instant,
};

use super::{
    StudioError,
    queue::{Job, Queue},
};
use crate::{
    backend::threads::lower_priority,
    pictures::{Limits, Picture, Spooled, render},
};

/// Starts the thread `picture-<number>`; it ends when the queue is closed.
pub(super) fn spawn(number: usize, queue: Arc<Queue>) -> io::Result<()> {
    thread::Builder::new()
        .name(format!("picture-{number}"))
        .spawn(move || {
            lower_priority();
            serve(&queue, render_file);
        })
        .map(drop)
}

fn render_file(file: Spooled, limits: &Limits) -> Result<Picture, StudioError> {
    let bytes = file
        .read()
        .map_err(|error| StudioError::Broken(format!("cannot read a spooled file: {error}")))?;
    render(&bytes, limits).map_err(StudioError::Refused)
}

fn serve(queue: &Queue, render: impl Fn(Spooled, &Limits) -> Result<Picture, StudioError>) {
    while let Some(job) = queue.pop() {
        let Job {
            file,
            limits,
            reply,
            ..
        } = job;
        let started = Instant::now();
        // A thread lost would be a lost part of the service, so a panic ends its job only.
        let result = catch_unwind(AssertUnwindSafe(|| render(file, &limits)));
        queue.done(started.elapsed());
        let _ = reply.send(result.unwrap_or_else(|_| {
            let words = "a panic while a picture was rendered";
            Err(StudioError::Broken(words.to_owned()))
        }));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, mpsc},
        time::Duration,
    };

    use tokio::{
        sync::oneshot::{self, Receiver},
        time::Instant as Deadline,
    };

    use super::*;
    use crate::pictures::{Kind, Refusal, Spool, StudioOptions};

    type Answer = Receiver<Result<Picture, StudioError>>;

    async fn job(deadline: Option<Deadline>) -> (Job, Answer) {
        let spool = Spool::open(std::env::temp_dir()).await.unwrap();
        let limits = Limits {
            kinds: Kind::ALL.to_vec(),
            max_bytes: 0,
            max_side: 0,
            max_pixels: 0,
            max_memory: 0,
            decode_time: Duration::ZERO,
        };
        let (reply, answer) = oneshot::channel();
        let job = Job {
            file: spool.finish().await.unwrap(),
            limits: Arc::new(limits),
            deadline,
            reply,
        };
        (job, answer)
    }

    fn queue(waiting: usize) -> Arc<Queue> {
        Arc::new(Queue::new(StudioOptions {
            threads: 1,
            queue: waiting,
        }))
    }

    #[tokio::test]
    async fn me_13_a_panic_ends_its_job_and_not_the_thread() {
        let queue = queue(2);
        let (first, first_answer) = job(None).await;
        let (second, second_answer) = job(None).await;
        queue.push(first).unwrap();
        queue.push(second).unwrap();
        let shared = Arc::clone(&queue);
        let thread = thread::spawn(move || {
            let first = Mutex::new(true);
            serve(&shared, |_, _| {
                let is_first = std::mem::take(&mut *first.lock().unwrap());
                assert!(!is_first, "the panic that is meant");
                Err(StudioError::Refused(Refusal::Kind))
            });
        });
        let broken = first_answer.await.unwrap();
        assert!(matches!(broken, Err(StudioError::Broken(_))));
        let refused = second_answer.await.unwrap();
        assert_eq!(refused, Err(StudioError::Refused(Refusal::Kind)));
        queue.close();
        thread.join().unwrap();
    }

    /// One job at work, one that waits: the next is turned away until the one that waits has gone, whose file is then
    /// never rendered. The work itself keeps its place although its caller has gone.
    #[tokio::test]
    async fn places_belong_to_the_work_and_to_those_who_still_wait() {
        let queue = queue(1);
        let (begun, has_begun) = mpsc::channel();
        let (end, may_end) = mpsc::channel::<()>();
        let shared = Arc::clone(&queue);
        let thread = thread::spawn(move || {
            serve(&shared, |_, _| {
                begun.send(()).unwrap();
                may_end.recv().unwrap();
                Err(StudioError::Refused(Refusal::Kind))
            });
        });
        let (at_work, gone) = job(None).await;
        queue.push(at_work).unwrap();
        has_begun.recv().unwrap();
        drop(gone);
        let (waiting, waiting_answer) = job(None).await;
        queue.push(waiting).unwrap();
        let (late, _answer) = job(None).await;
        let refused = queue.push(late).unwrap_err();
        assert!(matches!(refused, StudioError::Overloaded { .. }));

        drop(waiting_answer);
        let (next, next_answer) = job(None).await;
        queue.push(next).unwrap();
        end.send(()).unwrap();
        has_begun.recv().unwrap();
        end.send(()).unwrap();
        let answer = next_answer.await.unwrap();
        assert_eq!(answer, Err(StudioError::Refused(Refusal::Kind)));
        queue.close();
        thread.join().unwrap();
        // Two were rendered: the one whose caller waited no longer was dropped.
        assert!(has_begun.recv().is_err());
    }

    #[tokio::test]
    async fn a_job_whose_time_has_passed_is_not_begun() {
        let queue = queue(1);
        let (late, answer) = job(Some(Deadline::now())).await;
        let (next, next_answer) = job(None).await;
        queue.push(late).unwrap();
        queue.push(next).unwrap();
        let popped = queue.pop().unwrap();
        assert_eq!(answer.await.unwrap(), Err(StudioError::Late));
        drop(popped);
        assert!(next_answer.await.is_err());
    }
}
