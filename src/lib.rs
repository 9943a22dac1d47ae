//! accountd: a gRPC identity service.

pub mod backend;
pub mod command;
pub mod keys;
pub mod proto;
pub mod sessions;
