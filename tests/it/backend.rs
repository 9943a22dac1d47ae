//! The outside world, met for real.

mod kv;
mod mail;
mod objects;
