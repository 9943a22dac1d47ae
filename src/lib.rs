//! accountd: a gRPC identity service.

pub mod accounts;
pub mod app;
pub mod audit;
pub mod backend;
pub mod codes;
pub mod command;
pub mod config;
pub mod error;
pub mod grpc;
pub mod keys;
pub mod mails;
pub mod proto;
pub mod sessions;
pub mod store;

/// Chooses the one provider of cryptography for TLS and tokens: the first thing that a process does.
///
/// Without it, the first use would choose by itself, and panic where a dependency brought a second provider along.
pub fn install_crypto() {
    // An error only says that it has been chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    sessions::token::init();
}
