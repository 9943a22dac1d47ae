//! Letters kept in memory, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use super::Letter;

/// A list of letters; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<Letter>>>);

impl Memory {
    /// The letters sent so far, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn push(&self, letter: Letter) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(letter);
    }
}
