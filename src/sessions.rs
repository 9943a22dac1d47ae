//! Whether a caller is who they were: sessions and the tokens that stand for them.

pub mod refresh_token;
pub mod token;
