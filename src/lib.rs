//! accountd: a gRPC identity service.

pub mod accounts;
pub mod backend;
pub mod proto;
