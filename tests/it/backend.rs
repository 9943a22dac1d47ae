//! The outside world, met for real.

mod mail;
