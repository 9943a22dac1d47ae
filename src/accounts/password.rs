//! Hashing of passwords with argon2id, on a few threads of its own; what other systems stored is verified there too.
//!
//! One hash costs tens of MiB and tens of milliseconds by intention, so what must be bounded is how many run at once:
//! each thread has one block of memory, callers wait in a queue of fixed length, and whoever could not be served in
//! time is told so at once instead of being served too late (goodput under overload, not throughput).

mod argon2;
mod bcrypt;
mod budget;
mod estimate;
mod job;
mod memory;
mod options;
mod pbkdf2;
mod pepper;
mod queue;
mod scrypt;
mod stored;
mod worker;

use std::{fmt, sync::Arc, time::Duration};

use subtle::ConstantTimeEq as _;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

pub use job::Tally;
pub use options::HashOptions;
pub use pepper::{PEPPERED, Pepper, pepper_mark};
pub use stored::Scheme;

use self::argon2::{Argon2Recipe, OUR_HASH_BYTES, OUR_SALT_BYTES};
use crate::{accounts::fields::Password, backend::Random, traces::Queued};
use job::{Hash, Job};
use queue::Queue;
use stored::{Recipe, Stored};

/// The threads that hash. Clones share them; they end when the last clone is gone.
#[derive(Clone)]
pub struct HashPool {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue>,
    options: HashOptions,
    random: Random,
    pepper: Pepper,
}

/// Why there is no answer about a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The queue is full, or the caller's deadline would pass before its turn.
    #[error("too many passwords wait to be hashed")]
    Overloaded {
        /// When the queue as it stands will have been worked off.
        retry_after: Duration,
    },
    /// The stored hash cannot be read, or must not be executed: its cost lies outside the configured bounds. The
    /// sentence is for the operator and says nothing about the hash itself.
    #[error("the stored password hash is unusable: {0}")]
    Unusable(String),
    /// The pool is gone, or the thread failed at this password.
    #[error("password hashing has stopped")]
    Stopped,
}

/// What a stored hash says of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another password.
    Wrong,
    /// The password.
    Right,
    /// The password, but its hash is of another scheme than ours, is cheaper than the options ask, or has another pepper:
    /// it should be hashed anew.
    RightButWeak,
}

impl HashPool {
    /// Starts the threads; they take their memory with their first job. Refused, with a sentence, are options that
    /// [`HashOptions::check`] refuses, and threads that the system does not give.
    pub fn start(options: HashOptions, random: Random, pepper: Pepper) -> Result<Self, String> {
        options.check()?;
        let queue = Arc::new(Queue::new(&options));
        // Made before the threads, so that those already started end when one of them cannot be.
        let inner = Arc::new(Inner {
            queue: Arc::clone(&queue),
            options,
            random,
            pepper,
        });
        for number in 0..inner.options.threads {
            worker::spawn(number, Arc::clone(&queue), inner.options.memory_kib)
                .map_err(|error| format!("cannot start a thread for password hashing: {error}"))?;
        }
        Ok(Self { inner })
    }

    /// Turns a caller away who could not be served in time, before anything else is spent on it.
    ///
    /// Refusals: [`HashError::Overloaded`].
    pub fn admit(&self, deadline: Option<Instant>) -> Result<(), HashError> {
        self.inner.queue.admit(deadline)
    }

    /// Hashes a new password into a PHC string with a salt of its own.
    ///
    /// Refused are a full queue, and a `deadline` that would pass before its turn.
    pub async fn hash(
        &self,
        password: Password,
        deadline: Option<Instant>,
    ) -> Result<String, HashError> {
        let recipe = self.recipe(self.inner.random.bytes());
        let hash = self.run(Recipe::Argon2(recipe.clone()), password, deadline);
        let hash = hash.await?;
        recipe.to_phc(&hash).map_err(HashError::Unusable)
    }

    /// Hashes a password as [`HashPool::hash`] does, where that begins by then; `None` where it does not, which nobody is told of.
    pub async fn hash_by(
        &self,
        password: Password,
        deadline: Instant,
    ) -> Option<Result<String, HashError>> {
        if !self.inner.queue.is_free_by(deadline) {
            return None;
        }
        // Who is not waited for any more is passed over in the queue.
        timeout_at(deadline, self.hash(password, None)).await.ok()
    }

    /// Compares a password with a stored hash of any known form, in constant time. Nothing is the password of an empty one.
    ///
    /// Refused are a full queue, a `deadline` that would pass before its turn, and, without any hashing, whatever
    /// [`HashPool::check_stored`] refuses.
    pub async fn verify(
        &self,
        password: Password,
        text: String,
        deadline: Option<Instant>,
    ) -> Result<Verdict, HashError> {
        if text.is_empty() {
            // An account without a password is not to be told from one with another.
            self.verify_nobody(password, deadline).await?;
            return Ok(Verdict::Wrong);
        }
        let Inner {
            options, pepper, ..
        } = &*self.inner;
        if let Some(id) = argon2::key_id(&text) {
            pepper.learn(&id).await;
        }
        let stored = Stored::parse(&text, options, pepper).map_err(HashError::Unusable)?;
        let is_weak = stored.is_weak(options, pepper);
        let Stored { recipe, hash } = stored;
        let found = self.run(recipe, password, deadline).await?;
        if !bool::from(found.ct_eq(&hash)) {
            return Ok(Verdict::Wrong);
        }
        Ok(if is_weak {
            Verdict::RightButWeak
        } else {
            Verdict::Right
        })
    }

    /// Does the work of [`HashPool::verify`] at the present cost, for an account that does not exist, so that its
    /// absence cannot be measured: the same queue, the same refusals, one hash.
    pub async fn verify_nobody(
        &self,
        password: Password,
        deadline: Option<Instant>,
    ) -> Result<(), HashError> {
        let recipe = Recipe::Argon2(self.recipe([0; OUR_SALT_BYTES]));
        let found = self.run(recipe, password, deadline).await?;
        let _: bool = found.ct_eq(&[0; OUR_HASH_BYTES]).into();
        Ok(())
    }

    /// Tells by which scheme a hash was made that another system wrote, so that it may be stored. Refused, with a
    /// sentence for the operator that says nothing of the salt and the hash, are unknown forms, costs above the options,
    /// salts and hashes that are too short or too long, and peppers that are not at hand.
    pub fn check_stored(&self, text: &str) -> Result<Scheme, String> {
        let Inner {
            options, pepper, ..
        } = &*self.inner;
        Stored::parse(text, options, pepper).map(|stored| stored.recipe.scheme())
    }

    /// How many threads hash.
    pub fn threads(&self) -> usize {
        self.inner.options.threads
    }

    /// How many passwords wait for a thread, those at work not counted.
    pub fn waiting(&self) -> usize {
        self.inner.queue.waiting()
    }

    /// How many passwords are being hashed.
    pub fn running(&self) -> usize {
        self.inner.queue.running()
    }

    /// What the pool has done since it started.
    pub fn tally(&self) -> Tally {
        self.inner.queue.tally()
    }

    fn recipe(&self, salt: [u8; OUR_SALT_BYTES]) -> Argon2Recipe {
        Argon2Recipe::current(&self.inner.options, &self.inner.pepper, salt)
    }

    async fn run(
        &self,
        recipe: Recipe,
        password: Password,
        deadline: Option<Instant>,
    ) -> Result<Hash, HashError> {
        let (reply, answer) = oneshot::channel();
        self.inner.queue.push(Job {
            recipe,
            password,
            deadline,
            since: Instant::now(),
            traced: Queued::password(),
            reply,
        })?;
        answer.await.unwrap_or(Err(HashError::Stopped))
    }
}

impl fmt::Debug for HashPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashPool")
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_threads_end_with_the_last_clone() {
        let options = HashOptions {
            threads: 1,
            ..HashOptions::default()
        };
        let pool = HashPool::start(options, Random::seeded(1), Pepper::none()).unwrap();
        let queue = Arc::clone(&pool.inner.queue);
        let job = || Job {
            recipe: Recipe::Argon2(pool.recipe([0; OUR_SALT_BYTES])),
            password: Password::presented("rahasia").unwrap(),
            deadline: None,
            since: Instant::now(),
            traced: Queued::password(),
            reply: oneshot::channel().0,
        };
        let (while_it_lives, after) = (job(), job());
        drop(pool.clone());
        assert_eq!(queue.push(while_it_lives), Ok(()));
        drop(pool);
        assert_eq!(queue.push(after), Err(HashError::Stopped));
        // Its own and this one: the thread has let go of the queue.
        while Arc::strong_count(&queue) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
