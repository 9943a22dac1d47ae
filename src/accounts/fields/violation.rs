//! What is wrong with one field.

use std::fmt;

/// Why a text is not a value of its field: a reason for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// `SCREAMING_SNAKE`, such as `TOO_SHORT`; it never changes for the same cause.
    pub reason: &'static str,
    /// An English sentence without its subject, starting in lower case. It never repeats the value.
    pub text: String,
}

impl Violation {
    /// The violation `reason`, told as `text`.
    pub fn new(reason: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { reason, text }
    }

    pub(super) fn too_long(text: impl Into<String>) -> Self {
        Self::new("TOO_LONG", text)
    }

    pub(super) fn too_short(text: impl Into<String>) -> Self {
        Self::new("TOO_SHORT", text)
    }

    pub(super) fn malformed(text: impl Into<String>) -> Self {
        Self::new("MALFORMED", text)
    }

    pub(super) fn forbidden(text: impl Into<String>) -> Self {
        Self::new("FORBIDDEN_CHARACTER", text)
    }

    pub(super) fn out_of_range(text: impl Into<String>) -> Self {
        Self::new("OUT_OF_RANGE", text)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Violation {}
