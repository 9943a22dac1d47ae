//! accountd, tested from outside.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

mod keys;
mod sessions;
mod support;
