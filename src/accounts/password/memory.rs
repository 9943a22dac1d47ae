//! The memory of one thread.

use argon2::{Argon2, Block};
use kevy_madvise::advise_hugepage;

use super::{argon2::Argon2Recipe, job::Hash};

/// Blocks that are used again for each hash: a fresh allocation for each costs time, and leaves the allocator holding
/// several times as much as is in use.
#[derive(Default)]
pub(super) struct Memory {
    blocks: Vec<Block>,
    allocations: u64,
}

impl Memory {
    /// How often memory was taken from the system.
    pub(super) const fn allocations(&self) -> u64 {
        self.allocations
    }

    /// Computes the hash of `secret` by argon2. The bounds of the recipe were checked when it was made.
    pub(super) fn hash(
        &mut self,
        recipe: &Argon2Recipe,
        secret: &[u8],
    ) -> Result<Hash, argon2::Error> {
        let params = recipe.params()?;
        self.reserve(params.block_count())?;
        let key = recipe.key.as_ref().map_or(&[][..], |key| key.as_slice());
        // An empty key and none at all are the same to argon2 (RFC 9106, 3.2).
        let argon2 = Argon2::new_with_secret(key, recipe.algorithm, recipe.version, params)?;
        let mut hash = Hash::new(vec![0; recipe.hash_bytes]);
        argon2.hash_password_into_with_memory(
            secret,
            &recipe.salt,
            &mut hash,
            self.blocks.as_mut_slice(),
        )?;
        Ok(hash)
    }

    /// Gives back what is held, if that is more than so many KiB.
    pub(super) fn release_beyond(&mut self, kib: u32) {
        // A block is a KiB.
        if self.blocks.len() as u64 > u64::from(kib) {
            self.blocks = Vec::new();
        }
    }

    /// Lets go of what is too small first: growing in place would hold both for a moment.
    fn reserve(&mut self, blocks: usize) -> Result<(), argon2::Error> {
        if self.blocks.len() >= blocks {
            return Ok(());
        }
        self.blocks = Vec::new();
        self.blocks
            .try_reserve_exact(blocks)
            .map_err(|_| argon2::Error::OutOfMemory)?;
        // Before it is touched: argon2 reads all over its memory, and with small pages finding them takes an eighth of
        // the time.
        let bytes = self.blocks.capacity() * Block::SIZE;
        advise_hugepage(self.blocks.as_ptr().cast(), bytes);
        self.blocks.resize(blocks, Block::default());
        self.allocations += 1;
        Ok(())
    }
}
