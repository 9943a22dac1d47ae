//! What the binary can be told to do, one file for each command.

pub mod config;
pub mod health;
pub mod keys;
pub mod migrate;
pub mod serve;
