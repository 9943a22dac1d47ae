//! The key-value store: live codes, revocation marks, limits and replayed answers.
//!
//! It is the fast path, never the truth: it may forget at any time, and its absence never means yes. So every call
//! either answers or is [`Unavailable`], within the time that the options set; a value that cannot be read is
//! unavailable too, since reading it as absent would accept what it was written to refuse.
//!
//! Every step that must not be torn apart is one script on Redis and one critical section in memory, so that two
//! nodes, or two hundred requests, count alike. Every entry has an end of life, at most [`MAX_TTL`].

use std::{fmt, time::Duration};

use uuid::Uuid;

use super::clock::Clock;
use crate::metrics::{self, KvOperation};

mod error;
mod memory;
mod options;
mod record;
mod redis;
mod tag;

pub use error::{OpenError, Unavailable};
pub use memory::Memory;
pub use options::{Mode, Options, RedisOptions};
pub use record::{Begun, Guess, LiveCode, Mark, Rate, Taken};
pub use redis::Redis;

/// The longest that an entry may live; a longer time is cut to this.
pub const MAX_TTL: Duration = Duration::from_hours(366 * 24);

/// A key-value store; clones share it.
#[derive(Clone)]
pub enum Kv {
    /// This process's memory: gone with the process, not shared with other nodes.
    Memory(Memory),
    /// A Redis, alone, behind Sentinel or as a cluster.
    Redis(Redis),
}

impl fmt::Debug for Kv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory(_) => "Kv::Memory",
            Self::Redis(_) => "Kv::Redis",
        })
    }
}

impl Kv {
    /// Opens the store that `options` describe.
    ///
    /// A Redis that cannot be reached is no refusal: calls are [`Unavailable`] until it comes up. Refused are options
    /// that can never work, credentials that Redis rejects, and a Redis that may evict live keys.
    pub async fn open(options: Options, clock: Clock) -> Result<Self, OpenError> {
        match options {
            Options::Memory => Ok(Self::Memory(Memory::new(clock))),
            Options::Redis(options) => Redis::open(&options).await.map(Self::Redis),
        }
    }

    /// Whether what it holds is to outlive this process.
    pub const fn outlives_process(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    /// Whether the store answers at this moment.
    pub async fn ping(&self) -> Result<(), Unavailable> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Redis(redis) => told(KvOperation::Ping, redis.ping().await),
        }
    }

    /// Makes `code` the live code of `subject` for `ttl`, in place of any other.
    pub async fn put_code(
        &self,
        subject: &str,
        code: &LiveCode,
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        match self {
            Self::Memory(memory) => memory.put_code(subject, code, ttl),
            Self::Redis(redis) => told(
                KvOperation::PutCode,
                redis.put_code(subject, code, ttl).await,
            ),
        }
    }

    /// Takes one guess from the live code of `subject`, before the caller compares anything.
    ///
    /// A guess whose answer is lost on the way stays counted.
    pub async fn guess_code(&self, subject: &str) -> Result<Guess, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.guess_code(subject)),
            Self::Redis(redis) => told(KvOperation::GuessCode, redis.guess_code(subject).await),
        }
    }

    /// Gives back a guess that [`Kv::guess_code`] took from the code of `issue`; a newer one keeps its count.
    pub async fn return_guess(&self, subject: &str, issue: Uuid) -> Result<(), Unavailable> {
        match self {
            Self::Memory(memory) => {
                memory.return_guess(subject, issue);
                Ok(())
            }
            Self::Redis(redis) => told(
                KvOperation::ReturnGuess,
                redis.return_guess(subject, issue).await,
            ),
        }
    }

    /// Whether the code of `subject` lives on without a guess left; looking costs none.
    pub async fn is_spent(&self, subject: &str) -> Result<bool, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.is_spent(subject)),
            Self::Redis(redis) => told(KvOperation::IsSpent, redis.is_spent(subject).await),
        }
    }

    /// Forgets the code of `subject` if it is still that of `issue`; a newer one stays.
    pub async fn drop_code(&self, subject: &str, issue: Uuid) -> Result<(), Unavailable> {
        match self {
            Self::Memory(memory) => {
                memory.drop_code(subject, issue);
                Ok(())
            }
            Self::Redis(redis) => {
                told(KvOperation::DropCode, redis.drop_code(subject, issue).await)
            }
        }
    }

    /// Marks `sessions` for `ttl`; the latest mark of a session stands.
    ///
    /// When it fails, some of them may be marked: the caller marks all of them again.
    pub async fn mark_revoked(
        &self,
        sessions: &[Uuid],
        mark: Mark,
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        match self {
            Self::Memory(memory) => memory.mark_revoked(sessions, mark, ttl),
            Self::Redis(redis) => told(
                KvOperation::MarkRevoked,
                redis.mark_revoked(sessions, mark, ttl).await,
            ),
        }
    }

    /// Marks `session` for `ttl` unless it has a mark, which then stands. Answers whether it had none.
    ///
    /// Of all who put the same mark back at once, one is answered so.
    pub async fn mark_if_missing(
        &self,
        session: Uuid,
        mark: Mark,
        ttl: Duration,
    ) -> Result<bool, Unavailable> {
        match self {
            Self::Memory(memory) => memory.mark_if_missing(session, mark, ttl),
            Self::Redis(redis) => told(
                KvOperation::MarkIfMissing,
                redis.mark_if_missing(session, mark, ttl).await,
            ),
        }
    }

    /// The mark of `session`, if it has one that was not forgotten.
    pub async fn find_revoked(&self, session: Uuid) -> Result<Option<Mark>, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.find_revoked(session)),
            Self::Redis(redis) => told(KvOperation::FindRevoked, redis.find_revoked(session).await),
        }
    }

    /// Takes one token from `bucket`, which refills at `rate`; a refusal costs none.
    pub async fn take(&self, bucket: &str, rate: Rate) -> Result<Taken, Unavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.take(bucket, rate)),
            Self::Redis(redis) => told(KvOperation::Take, redis.take(bucket, rate).await),
        }
    }

    /// Fills `bucket` again.
    pub async fn forget(&self, bucket: &str) -> Result<(), Unavailable> {
        match self {
            Self::Memory(memory) => {
                memory.forget(bucket);
                Ok(())
            }
            Self::Redis(redis) => told(KvOperation::Forget, redis.forget(bucket).await),
        }
    }

    /// Claims `key` for the request whose body has `fingerprint`, or tells what became of the claim before.
    ///
    /// A claim that is neither finished nor abandoned ends with `lease`.
    pub async fn begin_reply(
        &self,
        key: &str,
        fingerprint: [u8; 32],
        lease: Duration,
    ) -> Result<Begun, Unavailable> {
        match self {
            Self::Memory(memory) => memory.begin_reply(key, fingerprint, lease),
            Self::Redis(redis) => told(
                KvOperation::BeginReply,
                redis.begin_reply(key, fingerprint, lease).await,
            ),
        }
    }

    /// Keeps `answer` under `key` for `ttl`, unless another request has claimed the key since the lease ran out.
    pub async fn finish_reply(
        &self,
        key: &str,
        fingerprint: [u8; 32],
        answer: &[u8],
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        match self {
            Self::Memory(memory) => memory.finish_reply(key, fingerprint, answer, ttl),
            Self::Redis(redis) => told(
                KvOperation::FinishReply,
                redis.finish_reply(key, fingerprint, answer, ttl).await,
            ),
        }
    }

    /// Gives up the claim on `key`, so that the same request may run again; a kept answer stays.
    pub async fn abandon_reply(&self, key: &str) -> Result<(), Unavailable> {
        match self {
            Self::Memory(memory) => {
                memory.abandon_reply(key);
                Ok(())
            }
            Self::Redis(redis) => told(KvOperation::AbandonReply, redis.abandon_reply(key).await),
        }
    }
}

/// What Redis answered to `operation`, which is counted when it is no answer.
fn told<T>(operation: KvOperation, answer: Result<T, Unavailable>) -> Result<T, Unavailable> {
    if answer.is_err() {
        metrics::kv_unanswered(operation);
    }
    answer
}

/// A lifetime as both stores count it. It is rounded up, since Redis refuses an entry that lives for no time at all.
fn whole_millis(ttl: Duration) -> u64 {
    let millis = ttl.min(MAX_TTL).as_nanos().div_ceil(1_000_000).max(1);
    u64::try_from(millis).unwrap_or(u64::MAX)
}
