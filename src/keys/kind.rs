//! The two kinds of keys, and the states that a key goes through.

use std::fmt;

/// What a key is for, and with it where its file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Signs access tokens: `signing/<id>.pem`.
    Signing,
    /// The root of codes, refresh tokens, sealed replies, pseudonyms and peppers: `secret/<id>.key`.
    Secret,
}

impl Kind {
    pub(super) fn directory(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Secret => "secret",
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Signing => "pem",
            Self::Secret => "key",
        }
    }

    pub(super) fn content(self) -> &'static str {
        match self {
            Self::Signing => "an Ed25519 or P-256 private key as PKCS#8 PEM",
            Self::Secret => "32 random bytes in base64",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.directory())
    }
}

/// What a key is good for at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Too new to be used; what others make with it is accepted.
    Waiting,
    /// Used for all that is made now.
    Current,
    /// Replaced; what was made with it is accepted.
    Verifying,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Waiting => "waiting",
            Self::Current => "current",
            Self::Verifying => "verifying",
        })
    }
}
