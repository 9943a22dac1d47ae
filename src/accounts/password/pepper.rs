//! The secret that hashes are keyed with, kept apart from the tables.

use std::{collections::BTreeMap, fmt, sync::Arc};

use zeroize::Zeroizing;

const MIN_KEY_BYTES: usize = 32;
/// argon2 has room for eight.
const MAX_ID_BYTES: usize = 8;

/// A secret of at least 32 bytes, shared by the jobs that need it.
pub(super) type Key = Arc<Zeroizing<Vec<u8>>>;

/// The keys that passwords are hashed with: one for new hashes, or none, and older ones for stored hashes. Each has an
/// id of 1 to 8 ASCII letters and digits, which the hashes name.
#[derive(Clone, Default)]
pub struct Pepper {
    current: Option<String>,
    keys: BTreeMap<String, Key>,
}

impl Pepper {
    /// No pepper: new hashes are not keyed.
    pub fn none() -> Self {
        Self::default()
    }

    /// The pepper of new hashes from now on. Refused, with a sentence, are a key of fewer than 32 bytes, an id of
    /// another form, and an id that is in use.
    pub fn with_current(mut self, id: &str, key: &[u8]) -> Result<Self, String> {
        self = self.with_older(id, key)?;
        self.current = Some(id.to_owned());
        Ok(self)
    }

    /// A pepper that only stored hashes still have. Refused is what [`Pepper::with_current`] refuses.
    pub fn with_older(mut self, id: &str, key: &[u8]) -> Result<Self, String> {
        let has_form =
            (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        if !has_form {
            return Err(format!(
                "the id of a pepper must have 1 to {MAX_ID_BYTES} letters and digits"
            ));
        }
        if key.len() < MIN_KEY_BYTES {
            return Err(format!(
                "the pepper {id} must have at least {MIN_KEY_BYTES} bytes"
            ));
        }
        let key = Arc::new(Zeroizing::new(key.to_vec()));
        if self.keys.insert(id.to_owned(), key).is_some() {
            return Err(format!("there are two peppers with the id {id}"));
        }
        Ok(self)
    }

    pub(super) fn current(&self) -> Option<(&str, Key)> {
        let id = self.current.as_deref()?;
        Some((id, self.find(id)?))
    }

    pub(super) fn find(&self, id: &str) -> Option<Key> {
        self.keys.get(id).cloned()
    }

    pub(super) fn is_current(&self, id: Option<&str>) -> bool {
        self.current.as_deref() == id
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pepper")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}
