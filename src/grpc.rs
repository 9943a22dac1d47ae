//! Serves the contract: policy once for all faces, then one file per RPC that translates and calls an operation.

mod account_service;
mod answers;
mod attributes;
mod connections;
mod fields;
mod peer;
mod policy;
mod reflection;
mod replay;
mod request_id;
pub mod serve;
pub mod status;
mod streamed;
mod transfers;

pub use policy::Policy;
pub use serve::{Edge, routes, serve};
