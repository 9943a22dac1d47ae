//! All tests that go through the front door or touch the outside world, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "all of this is a test"
)]

mod accounts;
