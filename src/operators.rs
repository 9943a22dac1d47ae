//! Who may act on other people's accounts: names, tokens or certificates, scopes and realms, in a file of their own.
//!
//! ```toml
//! [[operators]]
//! name = "ann"
//! scopes = ["accounts.read", "audit.read"]
//! realms = ["customer"]                      # all, when left out
//! expires = 2027-06-30T00:00:00Z             # never, when left out
//! token_sha256 = "9f86d081884c7d65…"         # or: certificate = "ann.operators.example.com"
//! ```
//!
//! The file is read for each call, so that who was removed is refused on the next one. It holds digests of tokens that have
//! 256 random bits, so that whoever reads it learns nothing; whoever can write it is an operator.

mod entry;
mod file;
mod scope;
mod token;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

pub use entry::{Entry, Proof};
pub use file::{FileFault, add, list, remove};
pub use scope::Scope;
pub use token::Token;

use crate::{
    backend::Timestamp,
    error::{Error, Result},
};

/// The name of the file beside the operators' own that has the token of the first one.
pub const TOKEN_FILE: &str = "admin.token";

/// The operators that a file names.
#[derive(Clone, Debug)]
pub struct Operators {
    path: PathBuf,
}

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The name that audit events bear.
    pub name: String,
    scopes: BTreeSet<Scope>,
    /// None: all.
    realms: Option<BTreeSet<String>>,
}

/// What a caller shows of itself.
#[derive(Clone, Copy, Debug)]
pub enum Presented<'a> {
    /// The bearer token of its metadata.
    Token(&'a str),
    /// The certificate of its connection (DER), whose chain TLS has verified.
    Certificate(&'a [u8]),
}

impl Operators {
    /// Those of that file, which is read when somebody calls.
    pub const fn of(path: PathBuf) -> Self {
        Self { path }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who the caller is.
    ///
    /// Refusals: `TOKEN_INVALID`, `TOKEN_EXPIRED`; `DEPENDENCY_UNAVAILABLE` when the file cannot be used.
    pub async fn recognise(&self, presented: Presented<'_>, now: Timestamp) -> Result<Operator> {
        let path = self.path.clone();
        let entries = tokio::task::spawn_blocking(move || file::list(&path))
            .await
            .map_err(|fault| Error::Internal(fault.to_string()))?
            .map_err(|fault| {
                tracing::error!(%fault, "no operator can be recognised");
                Error::DependencyUnavailable {
                    dependency: "operators",
                }
            })?;
        // All are compared, so that time tells nothing of their order.
        let mut found = None;
        for entry in entries {
            if entry.is(presented) {
                found = Some(entry);
            }
        }
        let entry = found.ok_or(Error::TokenInvalid)?;
        if entry.expires.is_some_and(|end| end <= now) {
            return Err(Error::TokenExpired);
        }
        Ok(Operator {
            name: entry.name,
            scopes: entry.scopes,
            realms: entry.realms,
        })
    }
}

impl Operator {
    /// Whether the operator may act in all realms, and so on what they share.
    pub const fn is_of_all_realms(&self) -> bool {
        self.realms.is_none()
    }

    /// Refuses what the operator may not do.
    ///
    /// Refusals: `SCOPE_MISSING`.
    pub fn require(&self, scope: Scope, realm: &str) -> Result<()> {
        let is_of_realm = self
            .realms
            .as_ref()
            .is_none_or(|realms| realms.contains(realm));
        if is_of_realm && self.scopes.contains(&scope) {
            Ok(())
        } else {
            Err(Error::ScopeMissing {
                scope: scope.as_str(),
                realm: realm.to_owned(),
            })
        }
    }
}
