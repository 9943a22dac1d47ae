//! accountd: a gRPC identity service. This page is the map of the crate.
//!
//! A call comes in through [`grpc`], which serves the contract that [`proto`] holds as generated code. Its policy gives
//! every call an id, a span, a deadline and a limit per address; one small file per RPC turns the request into the input
//! of an operation, and the result into the answer.
//!
//! In front of it stands [`gateway`]: REST, in the five dialects of existing documents, each a client of the contract in
//! the same process, or of another accountd.
//!
//! Operations are of three kinds. [`sessions`] decides *whether*: login, refresh, logout, and who a token speaks for.
//! [`accounts`] knows *who*: register, update, delete, passwords, and the types in which raw strings end. [`codes`] is
//! *proof*: one-time codes that are issued, sent and taken back. One operation is one file, named by its verb.
//!
//! They stand on [`store`], the tables with their finders, and on [`backend`], the outside world as closed enums: clock,
//! randomness, key-value store, mail. [`mails`] has the words of every mail and the outbox that sends them; [`keys`] the
//! secrets that sign tokens and derive codes; [`audit`] one event per decision; [`replay`] what was answered to a request that
//! may come again; [`metrics`] what is counted; [`traces`] where the time of a call goes. [`pictures`] turns a hostile file into a
//! safe picture, and knows nothing of accounts.
//!
//! [`app`] is what an operation may touch, [`error`] every way in which it can be refused, [`config`] every setting.
//! [`command`] puts it all together.
//!
//! Imports point down: `command → gateway → proto ← grpc → sessions → accounts → codes → mails → store, backend`, and beside that
//! `accounts → pictures → backend`. Raw SQL rows never leave the core, and nothing of the contract enters it. There is
//! deliberately no trait over the database, no global state but the recorder of metrics and the maker of spans, and no clock or
//! randomness but those in [`app::App`]. [`metrics`] imports nothing of ours, and [`traces`] nothing but its words, so that
//! all may count and trace.

pub mod accounts;
pub mod admin;
pub mod app;
pub mod audit;
pub mod backend;
pub mod codes;
pub mod command;
pub mod config;
pub mod error;
pub mod faults;
pub mod gateway;
pub mod grpc;
pub mod keys;
pub mod mails;
pub mod metrics;
pub mod operators;
pub mod pictures;
pub mod proto;
pub mod replay;
pub mod sessions;
pub mod store;
pub mod traces;

/// Chooses the one provider of cryptography for TLS and tokens: the first thing that a process does.
///
/// Without it, the first use would choose by itself, and panic where a dependency brought a second provider along.
pub fn install_crypto() {
    // An error only says that it has been chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    sessions::token::init();
}
