//! What the binary can be told to do, one file for each command.

pub mod keys;
