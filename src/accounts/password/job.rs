//! What a thread is given to do, and what it has done.

use std::time::Duration;

use tokio::{sync::oneshot, time::Instant};
use zeroize::Zeroizing;

use super::{HashError, stored::Recipe};
use crate::{accounts::fields::Password, traces::Queued};

/// The bytes of one hash.
pub(super) type Hash = Zeroizing<Vec<u8>>;

/// One password to hash, and where its caller waits.
pub(super) struct Job {
    pub(super) recipe: Recipe,
    pub(super) password: Password,
    pub(super) deadline: Option<Instant>,
    /// When its caller came.
    pub(super) since: Instant,
    pub(super) traced: Queued,
    pub(super) reply: oneshot::Sender<Result<Hash, HashError>>,
}

/// A hash that was computed.
pub(super) struct Work {
    pub(super) kib_passes: u64,
    pub(super) time: Duration,
}

/// What a pool has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Hashes computed.
    pub executed: u64,
    /// Memory times passes of those hashes, in KiB: the work done. Hashes of other schemes than argon2 count as what
    /// takes about as long.
    pub kib_passes: u64,
    /// Jobs dropped before they began because their caller had gone.
    pub skipped: u64,
    /// Callers turned away as overload.
    pub refused: u64,
    /// How often a thread took memory from the system.
    pub allocations: u64,
}
