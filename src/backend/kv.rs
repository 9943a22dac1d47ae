//! The key-value store: live codes, revocation marks, limits and claims on request ids.
//!
//! It is the fast path, never the truth: it may forget at any time, and its absence never means yes. So every call
//! either answers or is [`Unavailable`], within the time that the options set; a value that cannot be read is
//! unavailable too, since reading it as absent would accept what it was written to refuse. Only a mark or a stamp that is no
//! string at all is as good as none: SQL is asked then.
//!
//! Every step that must not be torn apart is one script on Redis and one critical section in memory, so that two
//! nodes, or two hundred requests, count alike. Every entry has an end of life, at most [`MAX_TTL`].

use std::{fmt, future::Future, pin::pin, time::Duration};

use uuid::Uuid;

use super::clock::Clock;
use crate::{
    faults::{Broken, Faults},
    metrics::{self, KvOperation},
    traces::Child,
};

mod error;
mod memory;
mod options;
mod record;
mod redis;
mod server;
mod tag;

pub use error::{OpenError, Unavailable};
pub use memory::Memory;
pub use options::{Mode, Options, RedisOptions};
pub use record::{Guess, LiveCode, Look, Mark, Rate, Stamp, Taken};
pub use redis::{Failure, Redis};
pub use server::Server;

/// The longest that an entry may live; a longer time is cut to this.
pub const MAX_TTL: Duration = Duration::from_hours(366 * 24);

/// How long a stamp lives: long beside the moment for which it serves, short since each account that calls has one.
const STAMP_TTL: Duration = Duration::from_mins(1);

/// How long a look may take: whoever looks can ask SQL instead.
const LOOK: Duration = Duration::from_millis(50);

/// How long the store in memory may take, which never waits.
const MEMORY_PATIENCE: Duration = Duration::from_secs(1);

/// A key-value store; clones share it.
#[derive(Clone)]
pub struct Kv {
    engine: Engine,
    /// How long an answer is waited for, whatever the engine is doing.
    patience: Duration,
    faults: Faults,
}

#[derive(Clone)]
enum Engine {
    /// This process's memory: gone with the process, not shared with other nodes.
    Memory(Memory),
    /// A Redis, alone, behind Sentinel or as a cluster.
    Redis(Redis),
}

impl fmt::Debug for Kv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.engine {
            Engine::Memory(_) => "Kv(memory)",
            Engine::Redis(_) => "Kv(redis)",
        })
    }
}

impl Kv {
    /// Opens the store that `options` describe.
    ///
    /// A Redis that cannot be reached is no refusal: calls are [`Unavailable`] until it comes up. Refused are options
    /// that can never work, credentials that Redis rejects, and a Redis that may evict live keys.
    pub async fn open(options: Options, clock: Clock) -> Result<Self, OpenError> {
        let (engine, patience) = match options {
            Options::Memory => (Engine::Memory(Memory::new(clock)), MEMORY_PATIENCE),
            Options::Redis(options) => {
                // The engine keeps the limit itself, once for each batch of keys.
                let patience = options.timeout * 4;
                (Engine::Redis(Redis::open(&options).await?), patience)
            }
        };
        let faults = Faults::none();
        Ok(Self {
            engine,
            patience,
            faults,
        })
    }

    /// What each Redis that `options` lead to says of itself, without touching a key and whether it may evict or not.
    ///
    /// Bounded by `connect_timeout` until a connection stands, and by nothing afterwards.
    pub async fn inspect(options: &RedisOptions, clock: &Clock) -> Result<Vec<Server>, Failure> {
        redis::inspect(options, clock).await
    }

    /// The same store through another seam.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self {
            faults,
            ..self.clone()
        }
    }

    /// The same store, given up after another time.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        Self {
            patience,
            ..self.clone()
        }
    }

    async fn through<T>(
        &self,
        operation: KvOperation,
        call: impl Future<Output = Result<T, Unavailable>>,
    ) -> Result<T, Unavailable> {
        self.within(self.patience, operation, call).await
    }

    async fn within<T>(
        &self,
        limit: Duration,
        operation: KvOperation,
        call: impl Future<Output = Result<T, Unavailable>>,
    ) -> Result<T, Unavailable> {
        let point = || format!("kv {}", operation.word());
        let call = pin!(call);
        let mut traced = self
            .outlives_process()
            .then(|| Child::redis(operation.word()));
        let call = self.faults.around(point, call, broken);
        let answer = tokio::time::timeout(limit, call)
            .await
            .unwrap_or(Err(Unavailable::because("it has not answered in time")));
        if let Some(traced) = &mut traced
            && answer.is_err()
        {
            metrics::kv_unanswered(operation);
            traced.failed("unavailable");
        }
        answer
    }

    /// Whether a stamp is there or gone for all who look: not where replicas may answer for a master that they have lost.
    pub fn has_stamps(&self) -> bool {
        match &self.engine {
            Engine::Memory(_) => true,
            Engine::Redis(redis) => redis.has_stamps(),
        }
    }

    /// Whether what it holds is to outlive this process.
    pub const fn outlives_process(&self) -> bool {
        matches!(self.engine, Engine::Redis(_))
    }

    /// Whether the store answers at this moment.
    pub async fn ping(&self) -> Result<(), Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(_) => Ok(()),
                Engine::Redis(redis) => redis.ping().await,
            }
        };
        self.through(KvOperation::Ping, call).await
    }

    /// Makes `code` the live code of `subject` for `ttl`, in place of any other.
    pub async fn put_code(
        &self,
        subject: &str,
        code: &LiveCode,
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => memory.put_code(subject, code, ttl),
                Engine::Redis(redis) => redis.put_code(subject, code, ttl).await,
            }
        };
        self.through(KvOperation::PutCode, call).await
    }

    /// Takes one guess from the live code of `subject`, before the caller compares anything.
    ///
    /// A guess whose answer is lost on the way stays counted.
    pub async fn guess_code(&self, subject: &str) -> Result<Guess, Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => Ok(memory.guess_code(subject)),
                Engine::Redis(redis) => redis.guess_code(subject).await,
            }
        };
        self.through(KvOperation::GuessCode, call).await
    }

    /// Gives back a guess that [`Kv::guess_code`] took from the code of `issue`; a newer one keeps its count.
    pub async fn return_guess(&self, subject: &str, issue: Uuid) -> Result<(), Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => {
                    memory.return_guess(subject, issue);
                    Ok(())
                }
                Engine::Redis(redis) => redis.return_guess(subject, issue).await,
            }
        };
        self.through(KvOperation::ReturnGuess, call).await
    }

    /// Whether the code of `subject` lives on without a guess left; looking costs none.
    pub async fn is_spent(&self, subject: &str) -> Result<bool, Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => Ok(memory.is_spent(subject)),
                Engine::Redis(redis) => redis.is_spent(subject).await,
            }
        };
        self.through(KvOperation::IsSpent, call).await
    }

    /// Forgets the code of `subject` if it is still that of `issue`; a newer one stays.
    pub async fn drop_code(&self, subject: &str, issue: Uuid) -> Result<(), Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => {
                    memory.drop_code(subject, issue);
                    Ok(())
                }
                Engine::Redis(redis) => redis.drop_code(subject, issue).await,
            }
        };
        self.through(KvOperation::DropCode, call).await
    }

    /// Tells that something of `account` has changed, and marks those of its `sessions` that ended, for `ttl`; the latest
    /// mark of a session stands. The stamp of the account is gone before the first mark is there.
    ///
    /// When it fails, some of it may be done: the caller does all of it again, or lives without.
    pub async fn announce(
        &self,
        account: Uuid,
        sessions: &[Uuid],
        mark: Mark,
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => memory.announce(account, sessions, mark, ttl),
                Engine::Redis(redis) => redis.announce(account, sessions, mark, ttl).await,
            }
        };
        self.through(KvOperation::Announce, call).await
    }

    /// Marks `session` of `account` for `ttl` unless it has a mark, which then stands. Answers whether it had none. The
    /// stamp of the account goes as with [`Kv::announce`].
    ///
    /// Of all who put the same mark back at once, one is answered so.
    pub async fn mark_if_missing(
        &self,
        account: Uuid,
        session: Uuid,
        mark: Mark,
        ttl: Duration,
    ) -> Result<bool, Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => memory.mark_if_missing(account, session, mark, ttl),
                Engine::Redis(redis) => redis.mark_if_missing(account, session, mark, ttl).await,
            }
        };
        self.through(KvOperation::MarkIfMissing, call).await
    }

    /// The mark of `session`, and the stamp of its `account`, in one round trip that takes at most 50 ms.
    pub async fn look(&self, session: Uuid, account: Uuid) -> Result<Look, Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => Ok(memory.look(session, account)),
                // As large as it is, it is not to be moved.
                Engine::Redis(redis) => Box::pin(redis.look(session, account)).await,
            }
        };
        self.within(LOOK, KvOperation::Look, call).await
    }

    /// Gives `account` a stamp that it never had, unless it has one, which then stands.
    pub async fn stamp(&self, account: Uuid, fresh: [u8; 16]) -> Result<(), Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => memory.stamp(account, fresh),
                Engine::Redis(redis) => redis.stamp(account, fresh).await,
            }
        };
        self.through(KvOperation::Stamp, call).await
    }

    /// Takes one token from `bucket`, which refills at `rate`; a refusal costs none.
    pub async fn take(&self, bucket: &str, rate: Rate) -> Result<Taken, Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => Ok(memory.take(bucket, rate)),
                Engine::Redis(redis) => redis.take(bucket, rate).await,
            }
        };
        self.through(KvOperation::Take, call).await
    }

    /// How long it takes until `bucket` is full again, if nothing more is taken; looking costs nothing.
    pub async fn used(&self, bucket: &str) -> Result<Duration, Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => Ok(memory.used(bucket)),
                Engine::Redis(redis) => redis.used(bucket).await,
            }
        };
        self.through(KvOperation::Used, call).await
    }

    /// Fills `bucket` again.
    pub async fn forget(&self, bucket: &str) -> Result<(), Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => {
                    memory.forget(bucket);
                    Ok(())
                }
                Engine::Redis(redis) => redis.forget(bucket).await,
            }
        };
        self.through(KvOperation::Forget, call).await
    }

    /// Claims `key` for `owner` until it is released, for `lease` at the longest. Returns whether the claim is the owner's,
    /// as it is when it was before.
    pub async fn claim(
        &self,
        key: &str,
        owner: Uuid,
        lease: Duration,
    ) -> Result<bool, Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => memory.claim(key, owner, lease),
                Engine::Redis(redis) => redis.claim(key, owner, lease).await,
            }
        };
        self.through(KvOperation::Claim, call).await
    }

    /// Gives up the claim on `key`, if it is still that of `owner`.
    pub async fn release(&self, key: &str, owner: Uuid) -> Result<(), Unavailable> {
        let call = async {
            match &self.engine {
                Engine::Memory(memory) => {
                    memory.release(key, owner);
                    Ok(())
                }
                Engine::Redis(redis) => redis.release(key, owner).await,
            }
        };
        self.through(KvOperation::Release, call).await
    }
}

fn broken(broken: Broken) -> Unavailable {
    Unavailable::because(match broken {
        Broken::Lost => "the answer was lost on purpose",
        Broken::Garbled => "the answer was garbled on purpose",
    })
}

/// A lifetime as both stores count it. It is rounded up, since Redis refuses an entry that lives for no time at all.
fn whole_millis(ttl: Duration) -> u64 {
    let millis = ttl.min(MAX_TTL).as_nanos().div_ceil(1_000_000).max(1);
    u64::try_from(millis).unwrap_or(u64::MAX)
}
