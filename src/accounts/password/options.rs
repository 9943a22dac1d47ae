//! What hashing may cost.

use std::ops::RangeInclusive;

/// The floor: the cheapest memory (KiB) that OWASP's Password Storage Cheat Sheet allows with so many passes.
const FLOOR: [(u32, u32); 5] = [
    (1, 46 * 1024),
    (2, 19 * 1024),
    (3, 12 * 1024),
    (4, 9 * 1024),
    (5, 7 * 1024),
];
/// argon2 needs eight blocks of 1 KiB for each lane (RFC 9106, 3.1).
const MIN_KIB_PER_LANE: u32 = 8;
const MAX_LANES: u32 = 16;
/// At 20 a hash takes a minute.
const BCRYPT_COSTS: RangeInclusive<u32> = 4..=20;
const MAX_THREADS: usize = 64;
const MAX_QUEUE: usize = 10_000;

/// How many passwords are hashed at once, how many may wait, and what one hash costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashOptions {
    /// Threads, each with its own memory: 1 to 64, the cores of the machine by default.
    pub threads: usize,
    /// The most callers that wait for a thread: 1 to 10,000, 128 by default.
    pub queue: usize,
    /// Memory of a new hash in KiB, 19,456 by default.
    pub memory_kib: u32,
    /// Passes over the memory of a new hash, 2 by default.
    pub passes: u32,
    /// Lanes of a new hash: 1 to 16, 1 by default. They are computed one after another, so more bring nothing here.
    pub lanes: u32,
    /// The most memory in KiB that a stored hash may ask for, 65,536 by default. A thread keeps what it once needed for
    /// argon2. For scrypt it is the sum over its p, and is given back.
    pub max_memory_kib: u32,
    /// The most passes that a stored hash of argon2 may ask for, 5 by default.
    pub max_passes: u32,
    /// The highest cost that a stored hash of bcrypt may have: 4 to 20, 14 by default. Each step doubles the time.
    pub max_bcrypt_cost: u32,
    /// The most iterations that a stored hash of PBKDF2 may ask for, 2,000,000 by default.
    pub max_pbkdf2_iterations: u32,
    /// Whether costs below the floor are accepted, as tests need to be quick.
    pub allow_weak: bool,
}

impl Default for HashOptions {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            queue: 128,
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
            max_memory_kib: 64 * 1024,
            max_passes: 5,
            max_bcrypt_cost: 14,
            max_pbkdf2_iterations: 2_000_000,
            allow_weak: false,
        }
    }
}

impl HashOptions {
    /// Refuses, with a sentence for the operator, numbers that cannot work or lie below the floor of OWASP's Password
    /// Storage Cheat Sheet: 46 MiB and 1 pass, 19 MiB and 2, 12 MiB and 3, 9 MiB and 4, or 7 MiB and 5.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=MAX_THREADS).contains(&self.threads) {
            return Err(format!("hashing needs 1 to {MAX_THREADS} threads"));
        }
        if !(1..=MAX_QUEUE).contains(&self.queue) {
            return Err(format!(
                "the queue for hashing needs 1 to {MAX_QUEUE} places"
            ));
        }
        if self.passes == 0 {
            return Err("hashing needs at least 1 pass".to_owned());
        }
        if !(1..=MAX_LANES).contains(&self.lanes) {
            return Err(format!("hashing needs 1 to {MAX_LANES} lanes"));
        }
        if self.memory_kib < MIN_KIB_PER_LANE * self.lanes {
            return Err(format!(
                "hashing needs at least {MIN_KIB_PER_LANE} KiB of memory for each lane"
            ));
        }
        if self.max_memory_kib < self.memory_kib || self.max_passes < self.passes {
            return Err(
                "the bounds for stored hashes lie below the cost of new ones: raise them"
                    .to_owned(),
            );
        }
        if !BCRYPT_COSTS.contains(&self.max_bcrypt_cost) {
            return Err("the bound for the cost of bcrypt must be from 4 to 20".to_owned());
        }
        if self.max_pbkdf2_iterations == 0 {
            return Err("the bound for PBKDF2 needs at least 1 iteration".to_owned());
        }
        if !self.allow_weak && !self.reaches_floor() {
            return Err(format!(
                "hashing with {} KiB of memory and {} passes is too weak: take 19456 KiB and 2 passes, or more",
                self.memory_kib, self.passes
            ));
        }
        Ok(())
    }

    fn reaches_floor(&self) -> bool {
        FLOOR
            .iter()
            .any(|(passes, memory)| self.passes >= *passes && self.memory_kib >= *memory)
    }
}
