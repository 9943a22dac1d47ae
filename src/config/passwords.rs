//! The section `[passwords]`: the price of one argon2id hash, how many run at a time, and which stored ones are verified.

use super::declare::settings;

settings! {
    /// Password hashing (argon2id). Lengths and rules belong to the realms.
    pub struct Passwords {
        /// Memory of one hash in KiB. With `passes` never under the OWASP floor (19456 KiB and 2 passes, or its equals).
        memory_kib: u32 = 19_456,
        /// Passes over the memory.
        passes: u32 = 2,
        /// Lanes of one hash.
        lanes: u32 = 1,
        /// Threads that hash, each with its own memory; 0 stands for one per core.
        threads: usize = 0,
        /// Hashes that may wait for a thread; the next is refused at once.
        queue: usize = 256,
        /// Dearest stored hash of argon2 or scrypt that is still verified, in KiB; a dearer one is never run.
        max_memory_kib: u32 = 262_144,
        /// Dearest stored hash of argon2 that is still verified, in passes.
        max_passes: u32 = 16,
        /// Dearest stored hash of bcrypt that is still verified, by its cost; each step doubles the time.
        max_bcrypt_cost: u32 = 14,
        /// Dearest stored hash of PBKDF2 that is still verified, in iterations.
        max_pbkdf2_iterations: u32 = 2_000_000,
        /// Whether a server key is mixed into each hash, so that a stolen database alone cannot be guessed at.
        pepper: bool = false,
    }
}
