//! Memory for hashes that are dearer than ours, for all threads together.

use std::sync::{Condvar, Mutex, PoisonError};

use super::{HashOptions, stored::Recipe};

/// What such hashes may have at a time, in KiB. Without it, as many of the dearest as there are threads would run at once,
/// whoever asks for them: their cost is what another system has written.
pub(super) struct Budget {
    /// The block that each thread has beside.
    own: u64,
    all: u64,
    free: Mutex<u64>,
    freed: Condvar,
}

/// A part of the budget, given back when it is dropped.
pub(super) struct Held<'a> {
    budget: &'a Budget,
    kib: u64,
}

impl Budget {
    pub(super) fn new(options: &HashOptions) -> Self {
        Self {
            own: options.memory_kib.into(),
            all: options.max_memory_kib.into(),
            free: Mutex::new(options.max_memory_kib.into()),
            freed: Condvar::new(),
        }
    }

    /// Waits, on the thread that is to hash, where a hash takes more than the thread's own block; `None` where it does not.
    pub(super) fn room_for(&self, recipe: &Recipe) -> Option<Held<'_>> {
        let kib = recipe.kib_beside(self.own);
        (kib > 0).then(|| self.take(kib))
    }

    /// Waits until so much is free. Who wants more than there is gets all of it.
    fn take(&self, kib: u64) -> Held<'_> {
        let kib = kib.min(self.all);
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .freed
            .wait_while(free, |free| *free < kib)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= kib;
        Held { budget: self, kib }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let free = self.budget.free.lock();
        *free.unwrap_or_else(PoisonError::into_inner) += self.kib;
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, Ordering::SeqCst},
        thread,
    };

    use super::*;
    use crate::accounts::password::{Pepper, stored::Stored};

    fn budget() -> Budget {
        Budget::new(&HashOptions {
            memory_kib: 64,
            max_memory_kib: 10,
            ..HashOptions::default()
        })
    }

    #[test]
    fn only_what_a_thread_has_no_block_for_takes_of_it() {
        let options = HashOptions {
            memory_kib: 64,
            ..HashOptions::default()
        };
        let budget = Budget::new(&options);
        let all = u64::from(options.max_memory_kib);
        let (salt, hash) = (
            "Z2FyYW0gZGFyaSBsYXV0IQ",
            "dLvhrMq/8o243AawChuC5BNipv1WStv7ZPja6uSS7Sc",
        );
        for (costs, kib) in [
            ("argon2id$v=19$m=64,t=2,p=1", 0),
            ("argon2id$v=19$m=65,t=2,p=1", 65),
            ("scrypt$ln=10,r=8,p=1", 1025),
            ("scrypt$ln=10,r=8,p=2", 1026),
            ("pbkdf2-sha256$1000", 0),
        ] {
            let text = format!("${costs}${salt}${hash}");
            let stored = Stored::parse(&text, &options, &Pepper::none()).unwrap();
            let held = budget.room_for(&stored.recipe);
            assert_eq!(*budget.free.lock().unwrap(), all - kib, "{costs}");
            assert_eq!(held.is_some(), kib > 0, "{costs}");
        }
    }

    #[test]
    fn no_more_is_held_at_a_time_than_there_is() {
        let budget = budget();
        let (held, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for number in 0..8 {
                let (budget, held, most) = (&budget, &held, &most);
                scope.spawn(move || {
                    for round in 0..50 {
                        let kib = 1 + (number + round) % 10;
                        let part = budget.take(kib);
                        most.fetch_max(held.fetch_add(kib, SeqCst) + kib, SeqCst);
                        thread::yield_now();
                        held.fetch_sub(kib, SeqCst);
                        drop(part);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 10);
        assert_eq!(*budget.free.lock().unwrap(), 10);
    }

    #[test]
    fn who_wants_more_than_there_is_gets_all_of_it() {
        let budget = budget();
        let all = budget.take(1000);
        assert_eq!(*budget.free.lock().unwrap(), 0);
        drop(all);
        assert_eq!(*budget.free.lock().unwrap(), 10);
    }
}
