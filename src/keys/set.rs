//! All keys of the directory as they were at one moment.

use std::path::Path;

use super::{
    Id, KeysError, Kind,
    files::{self, KeyFile},
    ring::{Dated, Ring},
    secret::Secret,
    signing::SigningKey,
};

/// One reading of the key directory: at least one key of each kind, every one of them sound.
pub(super) struct Set {
    pub(super) signing: Ring<SigningKey>,
    pub(super) secrets: Ring<Secret>,
}

impl Set {
    pub(super) fn load(directory: &Path) -> Result<Self, KeysError> {
        Ok(Self {
            signing: ring(directory, Kind::Signing, SigningKey::parse)?,
            secrets: ring(directory, Kind::Secret, Secret::parse)?,
        })
    }

    /// The id of the newest key of that kind.
    pub(super) fn newest(&self, kind: Kind) -> &Id {
        match kind {
            Kind::Signing => self.signing.newest().id(),
            Kind::Secret => self.secrets.newest().id(),
        }
    }

    /// The ids of all keys, signing keys first.
    pub(super) fn ids(&self) -> Vec<&Id> {
        let signing = self.signing.iter().map(|key| key.id());
        let secrets = self.secrets.iter().map(|secret| secret.id());
        signing.chain(secrets).collect()
    }
}

fn ring<K: Dated>(
    directory: &Path,
    kind: Kind,
    parse: impl Fn(Id, &str) -> Option<K>,
) -> Result<Ring<K>, KeysError> {
    let mut keys = Vec::new();
    for KeyFile { id, path, text } in files::read_all(directory, kind)? {
        let expected = kind.content();
        keys.push(parse(id, &text).ok_or(KeysError::Broken { path, expected })?);
    }
    Ring::new(keys).ok_or_else(|| KeysError::Missing {
        kind,
        directory: directory.join(kind.directory()),
    })
}
