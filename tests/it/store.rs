//! The rows, on both engines.

mod migrations;
mod outbox;
