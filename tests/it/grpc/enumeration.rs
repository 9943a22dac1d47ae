//! EN: what strangers must not learn about who has an account.
//!
//! EN-06 wants ids without order; ours are UUIDv7, ordered by their time, and authorise nothing.

mod faults;
mod ids;
mod limits;
mod login;
mod register;
mod request;
mod resend;
mod update;
mod usernames;
mod verify;
