//! The rows, one file per table: an entity and the questions asked of it.

pub mod outbox;
