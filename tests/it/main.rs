//! All tests that go through the front door or touch the outside world, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

mod backend;
mod mails;
mod store;
mod support;
