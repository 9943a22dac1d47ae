//! The tokens of operators.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::backend::Random;

/// What every token begins with, so that scanners for lost secrets know one when they see it.
const PREFIX: &str = "accountd_op_";

/// A token, shown once to who is to have it.
pub struct Token(Zeroizing<String>);

impl Token {
    /// A new one, of 256 random bits.
    pub fn new(random: &Random) -> Self {
        let bytes = Zeroizing::new(random.bytes::<32>());
        let text = BASE64_URL_SAFE_NO_PAD.encode(*bytes);
        Self(Zeroizing::new(format!("{PREFIX}{text}")))
    }

    /// Its text.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// What the file has of it.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([REDACTED])")
    }
}

/// The digest of a token. So many random bits cannot be tried out, so that it need not be slow.
pub(super) fn sha256(token: &str) -> [u8; 32] {
    let mut found = [0; 32];
    found.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    found
}
