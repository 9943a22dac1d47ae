//! Tokens and sessions.

mod refresh_token;
mod token;
