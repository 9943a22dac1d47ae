//! Hashing: what is stored, and what happens when too many ask.

mod ceilings;
mod foreign;
mod overload;
mod stored;

use accountd::{
    accounts::{
        fields::Password,
        password::{HashOptions, HashPool, Pepper},
    },
    backend::Random,
};

/// One thread and next to no cost.
fn cheap() -> HashOptions {
    HashOptions {
        threads: 1,
        queue: 2,
        memory_kib: 64,
        passes: 2,
        lanes: 1,
        max_memory_kib: 256,
        max_passes: 4,
        max_bcrypt_cost: 6,
        max_pbkdf2_iterations: 5_000,
        allow_weak: true,
    }
}

/// One thread that is busy for a while with each password, without much memory.
fn slow() -> HashOptions {
    HashOptions {
        passes: 4_000,
        max_passes: 4_000,
        ..cheap()
    }
}

fn pool(options: HashOptions) -> HashPool {
    HashPool::start(options, Random::seeded(1), Pepper::none()).unwrap()
}

fn peppered(options: HashOptions, pepper: Pepper) -> HashPool {
    HashPool::start(options, Random::seeded(1), pepper).unwrap()
}

fn password(text: &str) -> Password {
    Password::presented(text).unwrap()
}
