//! Ids for calls whose client gave them none.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

use crate::backend::{Random, Timestamp};

/// Makes ids: unique ones, which nobody needs to be unable to guess. Randomness for each would cost more than the rest of a
/// small call.
#[derive(Debug)]
pub(super) struct RequestIds {
    /// What the ids of this process have in common.
    process: [u8; 5],
    made: AtomicU64,
}

impl RequestIds {
    pub(super) fn new(random: &Random) -> Self {
        Self {
            process: random.bytes(),
            made: AtomicU64::new(0),
        }
    }

    /// A new id, ordered by time (UUIDv7): behind the time 34 bits of the process, and how many it has made before.
    pub(super) fn next(&self, now: Timestamp) -> Uuid {
        let number = self.made.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut rest = [0; 10];
        rest[..5].copy_from_slice(&self.process);
        rest[5..].copy_from_slice(&number[3..]);
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}
