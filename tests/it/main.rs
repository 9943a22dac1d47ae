//! All tests that go through the front door or touch the outside world, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    reason = "all of this is a test, and nothing outside uses it"
)]

mod accounts;
mod admin;
mod backend;
mod clients;
mod command;
mod config;
mod docs;
mod faults;
mod gateway;
mod grpc;
mod housekeeping;
mod keys;
mod logs;
mod mails;
mod matrix;
mod metrics;
mod parity;
mod pictures;
mod readme;
mod sessions;
mod starting;
mod store;
mod supply;
mod support;
mod tidy;
mod torture;
mod traces;
mod versions;
