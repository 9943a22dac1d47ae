//! Randomness, as a value that tests can seed.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

use super::clock::Timestamp;

/// Where random bytes come from. Production knows the operating system only.
#[derive(Clone, Debug)]
pub enum Random {
    /// The operating system's generator.
    System,
    /// A repeatable stream; clones share it.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Random {
    /// The stream that belongs to `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing safe can be done without it.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            #[expect(clippy::expect_used, reason = "no safe way on without randomness")]
            Self::System => aws_lc_rs::rand::fill(&mut bytes).expect("operating system randomness"),
            Self::Seeded(stream) => stream
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A new id, ordered by time (UUIDv7): 48 bits of time, 74 of randomness.
    pub fn id(&self, now: Timestamp) -> Uuid {
        uuid::Builder::from_unix_timestamp_millis(
            u64::try_from(now.millis()).unwrap_or(0),
            &self.bytes(),
        )
        .into_uuid()
    }
}
