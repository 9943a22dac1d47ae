//! The rows, on both engines.

mod connections;
mod migrations;
mod outbox;
mod plans;
