//! The names of our keys.

use uuid::Uuid;

use crate::backend::kv::{OpenError, tag};

/// What every key of ours begins with.
pub(super) struct Prefix(String);

impl Prefix {
    /// Refuses what could be taken for a hash tag, or for a pattern by whoever searches the keys.
    pub(super) fn parse(prefix: &str) -> Result<Self, OpenError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if (1..=64).contains(&prefix.len()) && prefix.bytes().all(plain) {
            Ok(Self(prefix.to_owned()))
        } else {
            Err(OpenError::Prefix(prefix.to_owned()))
        }
    }

    pub(super) fn code(&self, subject: &str) -> String {
        self.hashed(subject, "code")
    }

    pub(super) fn bucket(&self, bucket: &str) -> String {
        self.hashed(bucket, "bucket")
    }

    pub(super) fn claim(&self, key: &str) -> String {
        self.hashed(key, "claim")
    }

    pub(super) fn revoked(&self, session: Uuid) -> String {
        format!("{}:{{{}}}:revoked", self.0, session.simple())
    }

    pub(super) fn stamp(&self, account: Uuid) -> String {
        format!("{}:{{{}}}:stamp", self.0, account.simple())
    }

    /// The braces are a hash tag: whatever one day stands beside this key for the same subject shares its node.
    fn hashed(&self, name: &str, kind: &str) -> String {
        let tag = u128::from_be_bytes(tag::of(name));
        format!("{}:{{{tag:032x}}}:{kind}", self.0)
    }
}
