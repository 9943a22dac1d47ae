//! Why a file is no picture for us.

use std::time::Duration;

/// Why a file was refused. The words say nothing about its content and may be shown to whoever sent it.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its content is of no kind that is taken, whatever was declared.
    #[error("the file is not of a kind that is taken")]
    Kind,
    /// It is larger than a limit allows.
    #[error("the picture is too large: {limit} must not be more than {most}")]
    TooLarge {
        /// What is too large: `bytes` (of the file), `side` or `pixels` (of the picture), `memory` (bytes that
        /// decoding would take), or `stored_bytes` (of the picture as it would be kept).
        limit: &'static str,
        /// The most that is allowed.
        most: u64,
    },
    /// It breaks the rules of its format, or uses a part of it that is not supported.
    #[error("the file cannot be read: {0}")]
    Malformed(String),
    /// Decoding took too long and was given up.
    #[error("the picture takes more than {most:?} to read")]
    TooSlow {
        /// The time of a processor that decoding one picture may take.
        most: Duration,
    },
}

impl Refusal {
    pub(super) fn malformed(words: &str) -> Self {
        Self::Malformed(words.to_owned())
    }

    pub(super) fn cut_off() -> Self {
        Self::malformed("it ends early")
    }

    pub(super) fn contradictory() -> Self {
        Self::malformed("its headers contradict each other")
    }

    pub(super) fn damaged() -> Self {
        Self::malformed("its data is damaged")
    }

    pub(super) fn unsupported() -> Self {
        Self::malformed("it uses a feature that is not supported")
    }
}
