//! accountd: a gRPC identity service.

pub mod backend;
pub mod mails;
pub mod proto;
pub mod store;
