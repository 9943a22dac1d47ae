//! Memory for hashes that are dearer than ours, for all threads together.

use super::{HashOptions, stored::Recipe};

/// What such hashes may have at a time, in KiB. Without it, as many of the dearest as there are threads would run at once,
/// whoever asks for them: their cost is what another system has written.
pub(super) struct Budget {
    /// The block that each thread has beside.
    own: u64,
    all: u64,
    free: u64,
}

impl Budget {
    pub(super) fn new(options: &HashOptions) -> Self {
        Self {
            own: options.memory_kib.into(),
            all: options.max_memory_kib.into(),
            free: options.max_memory_kib.into(),
        }
    }

    /// Whether there is memory for it now, which there always is for hashes that are no dearer than ours.
    pub(super) fn fits(&self, recipe: &Recipe) -> bool {
        self.need(recipe) <= self.free
    }

    /// Takes what [`Budget::fits`].
    pub(super) fn take(&mut self, recipe: &Recipe) {
        self.free = self.free.saturating_sub(self.need(recipe));
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&mut self, recipe: &Recipe) {
        self.free += self.need(recipe);
    }

    /// Who needs more than there is gets all of it.
    fn need(&self, recipe: &Recipe) -> u64 {
        recipe.kib_beside(self.own).min(self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::password::{Pepper, stored::Stored};

    #[test]
    fn only_what_a_thread_has_no_block_for_takes_of_it() {
        let options = HashOptions {
            memory_kib: 64,
            max_memory_kib: 262_144,
            ..HashOptions::default()
        };
        let all = u64::from(options.max_memory_kib);
        let salt = "Z2FyYW0gZGFyaSBsYXV0IQ";
        let hash = "dLvhrMq/8o243AawChuC5BNipv1WStv7ZPja6uSS7Sc";
        for (costs, kib) in [
            ("argon2id$v=19$m=64,t=2,p=1", 0),
            ("argon2id$v=19$m=65,t=2,p=1", 65),
            ("scrypt$ln=10,r=8,p=2", 1024),
            ("scrypt$ln=18,r=8,p=1", all),
            ("pbkdf2-sha256$1000", 0),
        ] {
            let text = format!("${costs}${salt}${hash}");
            let recipe = Stored::parse(&text, &options, &Pepper::none())
                .unwrap()
                .recipe;
            let mut budget = Budget::new(&options);
            assert!(budget.fits(&recipe));
            budget.take(&recipe);
            assert_eq!(budget.free, all - kib, "{costs}");
            assert_eq!(budget.fits(&recipe), 2 * kib <= all, "{costs}");
            budget.give_back(&recipe);
            assert_eq!(budget.free, all, "{costs}");
        }
    }
}
