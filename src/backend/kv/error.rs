//! The two ways in which the store fails: at start with advice, later with "not now".

use std::{borrow::Cow, path::PathBuf};

/// The store did not answer, or not with anything that can be trusted; the text holds no secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key-value store is unavailable: {0}")]
pub struct Unavailable(pub(super) Cow<'static, str>);

impl Unavailable {
    pub(super) const fn because(reason: &'static str) -> Self {
        Self(Cow::Borrowed(reason))
    }
}

/// Why a store was refused at start; each text says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No address was given.
    #[error("no Redis URL is set: give one such as redis://127.0.0.1:6379")]
    NoUrl,
    /// An address cannot be read; the text tells its place in the list, since the URL may hold a password.
    #[error(
        "Redis URL number {0} cannot be used: write redis://[user:password@]host[:port][/database], or rediss:// \
         for TLS"
    )]
    Url(usize),
    /// Several addresses were given for one server.
    #[error(
        "a single Redis has one URL: remove the others, or set the mode to sentinel or cluster"
    )]
    OneUrl,
    /// The addresses contradict one another.
    #[error("the Redis URLs do not fit together: {0}")]
    Urls(String),
    /// The prefix would spoil the hash tags that keep a cluster's scripts on one node.
    #[error(
        "the Redis key prefix {0:?} cannot be used: take 1 to 64 letters, digits, '-', '_', '.' or ':'"
    )]
    Prefix(String),
    /// The file of trusted certificates cannot be read.
    #[error("cannot use the Redis CA file {}: {reason}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Redis rejects the user or the password.
    #[error(
        "Redis rejects the credentials ({0}): correct the user and the password in the Redis URL"
    )]
    Credentials(String),
    /// Redis would drop live keys, and with them revocations, when memory runs short.
    #[error(
        "Redis may evict live keys (maxmemory-policy is {0}): run CONFIG SET maxmemory-policy noeviction and put it \
         into redis.conf, or set allow_eviction to accept the loss"
    )]
    EvictionPolicy(String),
    /// Redis does not tell whether it would drop live keys.
    #[error(
        "Redis does not tell its maxmemory-policy: permit INFO to the Redis user, or set allow_eviction to go without \
         the check"
    )]
    EvictionUnknown,
}
