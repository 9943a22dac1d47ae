//! PROOF: one-time codes, sent to an address and brought back.
//!
//! A code is derived from a key and a nonce, never stored. The nonce and the guesses left live in the key-value store
//! and may be forgotten there; how often a code was sent and whether it was used stands in SQL.

mod challenge;
pub mod check;
mod derive;
pub mod issue;
mod kill;
mod resend;
mod subject;

pub use challenge::Challenge;
pub use check::{Presented, Proof, check};
pub use derive::code_of;
pub use issue::{DAY, Issue, issue};
pub use kill::kill;
pub use resend::{Input as Resend, resend};
pub use subject::{Subject, find_account, of_account, of_address};
