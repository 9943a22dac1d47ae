//! accountd: a gRPC identity service.

pub mod backend;
pub mod command;
pub mod config;
pub mod proto;
pub mod store;
