//! The steps that must not be torn apart, each one a script beside this file.

use redis::Script;

/// The scripts with their hashes, which are computed once.
pub(super) struct Scripts {
    pub(super) put_code: Script,
    pub(super) guess_code: Script,
    pub(super) return_guess: Script,
    pub(super) drop_code: Script,
    pub(super) take: Script,
    pub(super) used: Script,
    pub(super) claim: Script,
    pub(super) release: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            put_code: Script::new(include_str!("put_code.lua")),
            guess_code: Script::new(include_str!("guess_code.lua")),
            return_guess: Script::new(include_str!("return_guess.lua")),
            drop_code: Script::new(include_str!("drop_code.lua")),
            take: Script::new(include_str!("take.lua")),
            used: Script::new(include_str!("used.lua")),
            claim: Script::new(include_str!("claim.lua")),
            release: Script::new(include_str!("release.lua")),
        }
    }
}
