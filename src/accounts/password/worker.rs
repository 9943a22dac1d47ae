//! The threads that hash.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use tokio::time::Instant;

use super::{
    HashError,
    job::{Hash, Job, Work},
    memory::Memory,
    queue::Queue,
};
use crate::{backend::threads::lower_priority, metrics};

/// Starts the thread `hash-<number>`, which keeps a block of `own_kib` KiB; it ends when the queue is closed.
pub(super) fn spawn(number: usize, queue: Arc<Queue>, own_kib: u32) -> io::Result<()> {
    thread::Builder::new()
        .name(format!("hash-{number}"))
        .spawn(move || {
            lower_priority();
            serve(&queue, |memory, job| {
                let secret = job.password.secret().as_bytes();
                let hash = job.recipe.compute(memory, secret);
                memory.release_beyond(own_kib);
                hash
            });
        })
        .map(drop)
}

fn serve(queue: &Queue, hash: impl Fn(&mut Memory, &Job) -> Result<Hash, String>) {
    let mut memory = Memory::default();
    while let Some(mut job) = queue.pop() {
        let before = memory.allocations();
        let traced = job.traced.begin();
        let started = Instant::now();
        // A thread lost would be a lost part of the service, so a panic ends its job only. The memory behind it holds
        // numbers without any invariant.
        let result = catch_unwind(AssertUnwindSafe(|| hash(&mut memory, &job)));
        let time = started.elapsed();
        drop(traced);
        let work = matches!(result, Ok(Ok(_))).then(|| Work {
            kib_passes: job.recipe.work(),
            time,
        });
        metrics::hashed(started.saturating_duration_since(job.since), time);
        queue.done(&job, work, memory.allocations() - before);
        let _ = job.reply.send(match result {
            Ok(Ok(hash)) => Ok(hash),
            Ok(Err(error)) => {
                tracing::error!(%error, "a password could not be hashed");
                Err(HashError::Stopped)
            }
            Err(_) => {
                tracing::error!("a panic while a password was hashed");
                Err(HashError::Stopped)
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        accounts::{
            fields::Password,
            password::{HashOptions, Pepper, argon2::Argon2Recipe, stored::Recipe},
        },
        traces::Queued,
    };

    #[tokio::test]
    async fn a_panic_ends_its_job_and_not_the_thread() {
        let options = HashOptions::default();
        let recipe = || Recipe::Argon2(Argon2Recipe::current(&options, &Pepper::none(), [0; 16]));
        let queue = Arc::new(Queue::new(&options));
        let (jobs, answers): (Vec<_>, Vec<_>) = ["panic", "fine"]
            .map(|text| {
                let (reply, answer) = oneshot::channel();
                let job = Job {
                    recipe: recipe(),
                    password: Password::presented(text).unwrap(),
                    deadline: None,
                    since: Instant::now(),
                    traced: Queued::password(),
                    reply,
                };
                (job, answer)
            })
            .into_iter()
            .unzip();
        for job in jobs {
            queue.push(job).unwrap();
        }
        let shared = Arc::clone(&queue);
        let thread = thread::spawn(move || {
            serve(&shared, |_, job| {
                assert_ne!(job.password.secret(), "panic");
                Ok(Hash::new(vec![1]))
            });
        });

        let mut results = Vec::new();
        for answer in answers {
            results.push(answer.await.unwrap());
        }

        let fine = Ok(Hash::new(vec![1]));
        assert_eq!(results, [Err(HashError::Stopped), fine]);
        assert_eq!(queue.tally().executed, 1);
        queue.close();
        thread.join().unwrap();
    }
}
