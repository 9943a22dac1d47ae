//! The rows, on both engines.

mod outbox;
