//! A person's name: free text.

use std::fmt;

use super::{Violation, text};

/// More than any rule allows; it bounds the work on a text before its characters are counted.
const MAX_BYTES: usize = 2048;

/// What a realm asks of a full name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullNameRule {
    /// The fewest code points, counted without the spaces at the ends.
    pub min: u32,
    /// The most code points, counted without the spaces at the ends.
    pub max: u32,
}

/// A name as its owner writes it. Names follow no grammar: what looks like SQL or a template is kept letter by letter.
#[derive(Clone, PartialEq, Eq)]
pub struct FullName(String);

impl FullName {
    /// Reads a name. Spaces at the ends are dropped, since a form or a phone's keyboard put them there, not the person.
    /// Refused are names too short or too long, control characters, and invisible ones that turn or hide text.
    pub fn parse(text: &str, rule: &FullNameRule) -> Result<Self, Violation> {
        text::sized(text, MAX_BYTES)?;
        text::visible(text)?;
        let name = text.trim();
        text::sized(name, MAX_BYTES)?;
        text::counted(name, rule.min, rule.max)?;
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FullName")
    }
}
