//! Nothing but argon2id, on all cores.

use std::{
    io,
    thread::{self, available_parallelism},
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use kevy_madvise::advise_hugepage;

/// Hashes for as many milliseconds as each line of standard input says, and prints how many hashes it was and in how
/// many seconds. What has begun is finished, and counts.
pub(super) fn serve(params: &Params, in_huge_pages: bool) {
    let mut memories: Vec<Vec<Block>> = (0..available_parallelism().unwrap().get())
        .map(|_| memory(params.block_count(), in_huge_pages))
        .collect();
    for line in io::stdin().lines() {
        let time = Duration::from_millis(line.unwrap().parse().unwrap());
        let began = Instant::now();
        let hashes: u32 = thread::scope(|threads| {
            let working: Vec<_> = memories
                .iter_mut()
                .map(|memory| threads.spawn(|| hash_until(params, memory, began + time)))
                .collect();
            working.into_iter().map(|work| work.join().unwrap()).sum()
        });
        println!("{hashes} {}", began.elapsed().as_secs_f64());
    }
}

fn memory(blocks: usize, in_huge_pages: bool) -> Vec<Block> {
    let mut memory: Vec<Block> = Vec::with_capacity(blocks);
    if in_huge_pages {
        let bytes = memory.capacity() * Block::SIZE;
        advise_hugepage(memory.as_ptr().cast(), bytes);
    }
    memory.resize(blocks, Block::default());
    memory
}

fn hash_until(params: &Params, memory: &mut [Block], end: Instant) -> u32 {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut hashes = 0;
    while Instant::now() < end {
        let mut hash = [0; 32];
        argon2
            .hash_password_into_with_memory(
                b"a long day at sea",
                b"salt of 16 bytes",
                &mut hash,
                &mut *memory,
            )
            .unwrap();
        hashes += 1;
    }
    hashes
}
