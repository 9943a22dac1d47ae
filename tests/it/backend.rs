//! The outside world.

mod kv;
