//! The secret that hashes are keyed with, kept apart from the tables.

use std::{fmt::Write as _, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use zeroize::Zeroizing;

use crate::keys::Keys;

/// What every stored hash has in it that was made with a pepper.
pub const PEPPERED: &str = ",keyid=";

/// A secret of 32 bytes, shared by the jobs that need it.
pub(super) type Key = Arc<Zeroizing<[u8; 32]>>;

/// The keys that passwords are hashed with: the present one for new hashes, if that is switched on, and every one there
/// is for stored hashes. They follow the key directory, so that a rotation needs no restart.
#[derive(Clone, Debug)]
pub struct Pepper {
    keys: Option<Keys>,
    is_on: bool,
}

impl Pepper {
    /// No pepper: new hashes are not keyed, and stored ones that are cannot be used.
    pub const fn none() -> Self {
        Self {
            keys: None,
            is_on: false,
        }
    }

    /// The pepper of the root secrets in `keys`. Switched off, it still serves the hashes that have it.
    pub const fn new(keys: Keys, is_on: bool) -> Self {
        Self {
            keys: Some(keys),
            is_on,
        }
    }

    pub(super) fn current(&self) -> Option<(String, Key)> {
        let keys = self.keys.as_ref().filter(|_| self.is_on)?;
        let secret = keys.secret_id();
        Some((short(&secret), Arc::new(keys.pepper(&secret)?)))
    }

    pub(super) fn find(&self, id: &str) -> Option<Key> {
        let keys = self.keys.as_ref()?;
        let secrets = keys.secret_ids();
        let secret = secrets.iter().find(|secret| short(secret) == id)?;
        keys.pepper(secret).map(Arc::new)
    }

    /// Looks for new keys if a stored hash may have been keyed with one that is not known here.
    pub(super) async fn learn(&self, id: &str) {
        if let Some(keys) = &self.keys {
            keys.learn_unless(|_| self.find(id).is_some()).await;
        }
    }

    pub(super) fn is_current(&self, id: Option<&str>) -> bool {
        let current = self.current().map(|(id, _)| id);
        current.as_deref() == id
    }
}

/// What every stored hash has in it that was made with the pepper of that secret, and no other hash.
pub fn pepper_mark(secret: &str) -> String {
    format!("{PEPPERED}{}", STANDARD_NO_PAD.encode(short(secret)))
}

/// The eight characters that argon2's `keyid` has room for, out of a secret's id.
fn short(secret: &str) -> String {
    let hash = digest(&SHA256, secret.as_bytes());
    hash.as_ref()
        .iter()
        .take(4)
        .fold(String::new(), |mut text, byte| {
            // Writing to a string never fails.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
