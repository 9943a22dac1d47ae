//! The steps that must not be torn apart, each one a script beside this file.

use redis::Script;

/// The scripts with their hashes, which are computed once.
pub(super) struct Scripts {
    pub(super) put_code: Script,
    pub(super) guess_code: Script,
    pub(super) return_guess: Script,
    pub(super) drop_code: Script,
    pub(super) take: Script,
    pub(super) begin_reply: Script,
    pub(super) finish_reply: Script,
    pub(super) abandon_reply: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            put_code: Script::new(include_str!("put_code.lua")),
            guess_code: Script::new(include_str!("guess_code.lua")),
            return_guess: Script::new(include_str!("return_guess.lua")),
            drop_code: Script::new(include_str!("drop_code.lua")),
            take: Script::new(include_str!("take.lua")),
            begin_reply: Script::new(include_str!("begin_reply.lua")),
            finish_reply: Script::new(include_str!("finish_reply.lua")),
            abandon_reply: Script::new(include_str!("abandon_reply.lua")),
        }
    }
}
