//! What an operator may do.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A group of things that an operator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Scope {
    /// Look at accounts.
    AccountsRead,
    /// Change accounts: state, role, attributes, and that the password must be changed.
    AccountsWrite,
    /// Bring accounts in.
    AccountsImport,
    /// Take all accounts out, with the hashes of their passwords.
    AccountsExport,
    /// End sessions.
    SessionsRevoke,
    /// Look at audit events.
    AuditRead,
    /// Look at what is used up of limits.
    LimitsRead,
    /// Give limits back.
    LimitsWrite,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::AccountsImport,
        Self::AccountsExport,
        Self::SessionsRevoke,
        Self::AuditRead,
        Self::LimitsRead,
        Self::LimitsWrite,
    ];

    /// The word for it in the file and in refusals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountsRead => "accounts.read",
            Self::AccountsWrite => "accounts.write",
            Self::AccountsImport => "accounts.import",
            Self::AccountsExport => "accounts.export",
            Self::SessionsRevoke => "sessions.revoke",
            Self::AuditRead => "audit.read",
            Self::LimitsRead => "limits.read",
            Self::LimitsWrite => "limits.write",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == word);
        found.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            format!("is no scope; there are {words}")
        })
    }
}

impl TryFrom<String> for Scope {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.as_str()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
