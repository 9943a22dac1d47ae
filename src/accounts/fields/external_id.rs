//! The account's name in another system.

use super::{Violation, text};

const MAX_BYTES: usize = 64;

/// 1 to 64 visible ASCII characters, compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalId(String);

impl ExternalId {
    /// Reads an external id. Refused are spaces, control characters and everything beyond ASCII.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        text::sized(text, MAX_BYTES)?;
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            let text = "must have visible ASCII characters only";
            return Err(Violation::forbidden(text));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
