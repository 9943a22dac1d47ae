//! One-time codes as they come back.

use std::fmt;

use super::Violation;

/// A one-time code: as many ASCII digits as its realm sends. It is not printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Reads a code of `digits` digits. Refused is every other length, and spaces, hyphens and digits of other scripts:
    /// a text that cannot be a code costs no guess.
    pub fn parse(text: &str, digits: u32) -> Result<Self, Violation> {
        let is_code = text.len() == digits as usize && text.bytes().all(|b| b.is_ascii_digit());
        if !is_code {
            let text = format!("must have exactly {digits} digits");
            return Err(Violation::malformed(text));
        }
        Ok(Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}
