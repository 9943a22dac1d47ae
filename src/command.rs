//! What the binary can be told to do, one file for each command.

use std::time::Duration;

mod connect;

pub mod admin;
pub mod config;
pub mod doctor;
pub mod health;
pub mod keys;
pub mod migrate;
pub mod serve;

/// Reads the argument of a `--timeout`, such as `500ms` or `10s`. Refused is no time at all.
fn time_limit(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time.is_zero() => Err("must be longer than nothing".to_owned()),
        Ok(time) => Ok(time),
        Err(_) => Err("is no time such as 500ms or 10s".to_owned()),
    }
}
