//! Rows: one file per table, an entity and its finders, `SeaORM` in the open.
//!
//! Nothing here knows rules: functions take a connection or a transaction and plain values.

pub mod account;
pub mod audit_event;
mod begins;
pub mod code;
pub mod connect;
mod db;
pub mod fault;
pub mod outbox;
pub mod picture;
pub mod reply;
pub mod session;
pub mod transaction;
pub mod upload_ticket;

pub use connect::{Options, connect, connect_to_look};
pub use db::{Db, Transaction, begin};
pub use fault::{Fault, fault};
pub use transaction::retrying;
