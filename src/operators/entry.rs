//! One operator, as the file has it.

use std::collections::BTreeSet;

use rustls::pki_types::{CertificateDer, ServerName};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use webpki::EndEntityCert;

use super::{Presented, Scope, token::sha256};
use crate::backend::Timestamp;

/// Characters of a name, at the most.
const NAME_MOST: usize = 64;

/// One operator, as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name that audit events bear: 1 to 64 letters, digits and `._@-`.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// The realms that it may act in; none means all.
    pub realms: Option<BTreeSet<String>>,
    /// When it stops being one.
    pub expires: Option<Timestamp>,
    /// How it is recognised.
    pub proof: Proof,
}

/// How an operator is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By the token that has this SHA-256 digest.
    Token([u8; 32]),
    /// By a client certificate for this DNS name.
    Certificate(ServerName<'static>),
}

/// An entry as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) name: String,
    scopes: BTreeSet<Scope>,
    realms: Option<BTreeSet<String>>,
    expires: Option<toml::value::Datetime>,
    token_sha256: Option<String>,
    certificate: Option<String>,
}

impl Entry {
    /// Refuses, with a sentence, a name that would not be one in an audit event or in the file.
    pub fn check_name(name: &str) -> Result<(), String> {
        let is_plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte));
        if is_plain && (1..=NAME_MOST).contains(&name.len()) {
            Ok(())
        } else {
            Err(format!(
                "{name:?} is no name: it needs 1 to {NAME_MOST} letters, digits and ._@-"
            ))
        }
    }

    /// Whether nobody could tell the two apart by their names, or by what they show.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.name == other.name || self.proof == other.proof
    }

    /// Whether the caller is this operator.
    pub(super) fn is(&self, presented: Presented<'_>) -> bool {
        match (&self.proof, presented) {
            (Proof::Token(digest), Presented::Token(token)) => digest.ct_eq(&sha256(token)).into(),
            (Proof::Certificate(name), Presented::Certificate(der)) => {
                EndEntityCert::try_from(&CertificateDer::from(der))
                    .is_ok_and(|shown| shown.verify_is_valid_for_subject_name(name).is_ok())
            }
            _ => false,
        }
    }
}

impl TryFrom<Written> for Entry {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        Self::check_name(&written.name)?;
        let name = written.name;
        let proof = match (written.token_sha256, written.certificate) {
            (Some(digest), None) => {
                let digest = from_hex(&digest)
                    .ok_or_else(|| format!("token_sha256 of {name} must have 64 hex digits"))?;
                Proof::Token(digest)
            }
            (None, Some(dns)) => {
                let dns = ServerName::try_from(dns)
                    .map_err(|_| format!("certificate of {name} must be a DNS name"))?;
                Proof::Certificate(dns)
            }
            _ => {
                return Err(format!(
                    "{name} must have a token_sha256 or a certificate, and not both"
                ));
            }
        };
        let expires = written.expires.map(|at| instant(&at)).transpose();
        let expires = expires
            .map_err(|()| format!("expires of {name} must be such as 2027-06-30T00:00:00Z"))?;
        Ok(Self {
            name,
            scopes: written.scopes,
            realms: written.realms,
            expires,
            proof,
        })
    }
}

fn instant(at: &toml::value::Datetime) -> Result<Timestamp, ()> {
    let at = OffsetDateTime::parse(&at.to_string(), &Rfc3339).map_err(|_| ())?;
    Ok(Timestamp::from_millis(
        at.unix_timestamp().saturating_mul(1000),
    ))
}

/// The bytes of 64 hexadecimal digits.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}
