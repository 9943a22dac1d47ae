//! Serves the contract: policy once for all faces, then one file per RPC that translates and calls an operation.

mod account_service;
mod admin_service;
mod answers;
pub(crate) mod attributes;
mod connections;
mod fields;
mod peer;
mod person;
mod policy;
mod reflection;
mod replay;
mod request_id;
mod run;
pub mod serve;
pub mod status;
mod streamed;
mod subject;
mod transfers;

pub use policy::Policy;
pub use serve::{Edge, Tls, admin_routes, routes, serve};
