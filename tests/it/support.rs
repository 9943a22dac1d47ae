//! What tests stand on.

pub mod redis;
