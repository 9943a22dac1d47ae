//! Transactions whose beginning nobody waited for.
//!
//! The answer to a `BEGIN` that was given up may come late, when its connection is back in the pool. PostgreSQL then has a
//! transaction open that the driver does not know of, and what the connection does next would be committed by nobody.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long after a `BEGIN` was given up its connection may come back: it does at once.
const WATCH: Duration = Duration::from_secs(10);

/// What is known of the `BEGIN`s of a pool; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Begins(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    under_way: usize,
    given_up: Option<Instant>,
}

/// A `BEGIN` that is under way; dropped without an answer, it was given up.
#[derive(Debug)]
pub(super) struct UnderWay<'a> {
    begins: &'a Begins,
    is_answered: bool,
}

impl Begins {
    /// Notes one, before it is sent.
    pub(super) fn start(&self) -> UnderWay<'_> {
        self.change(|known| known.under_way += 1);
        UnderWay {
            begins: self,
            is_answered: false,
        }
    }

    /// Whether a connection that comes back now may be one whose `BEGIN` was given up.
    pub(super) fn may_be_open(&self) -> bool {
        self.change(|known| {
            known.under_way > 0 || known.given_up.is_some_and(|at| at.elapsed() < WATCH)
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl UnderWay<'_> {
    /// It has its transaction.
    pub(super) fn answered(mut self) {
        self.is_answered = true;
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.begins.change(|known| {
            known.under_way -= 1;
            if !self.is_answered {
                known.given_up = Some(Instant::now());
            }
        });
    }
}
