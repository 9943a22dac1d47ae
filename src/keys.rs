//! The key directory: what signs access tokens, and what everything secret is derived from.
//!
//! ```text
//! keys/                      0700
//!   signing/<id>.pem         0600  an Ed25519 or P-256 private key
//!   secret/<id>.key          0600  32 random bytes: the root of codes, refresh tokens, sealed replies, …
//! ```
//!
//! Any number of each may lie there. All of them verify from the moment they are read; a new one is *used* only when
//! it is older than the activation delay, so that no node meets a token of a key that it has not read yet. Rotation is
//! therefore: add a file, wait, and remove the old one when nothing made with it is alive. A node that meets an id which
//! it does not know looks into the directory before it answers. `docs/keys.md` has the commands.
//!
//! An id tells when its key was made, so that age needs no other record and survives copying.

mod error;
mod files;
mod id;
mod inventory;
mod kind;
mod learn;
mod ring;
mod schedule;
mod secret;
mod set;
mod signing;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use zeroize::Zeroizing;

pub use error::KeysError;
pub use id::Id;
pub use inventory::{Listed, Rotated, Rotation, generate_missing, list, retire, rotate};
pub use kind::{Kind, State};
pub use schedule::{Schedule, follow};
pub use signing::{Algorithm, SigningKey};

use crate::backend::{Clock, Random};
use ring::Dated as _;
use set::Set;

/// The keys in use. Clones share them, and see a reload at once.
#[derive(Clone)]
pub struct Keys(Arc<Shared>);

struct Shared {
    directory: PathBuf,
    activation_delay: Duration,
    clock: Clock,
    random: Random,
    set: ArcSwap<Set>,
    /// Held while the directory is read, so that an older reading never follows a newer one.
    reading: Mutex<()>,
    looks: learn::Looks,
}

impl Keys {
    /// Reads the directory, blocking.
    ///
    /// Refused: a kind without any key, a file that others than its owner may touch, a misnamed or broken file.
    pub fn load(
        directory: &Path,
        activation_delay: Duration,
        clock: Clock,
        random: Random,
    ) -> Result<Self, KeysError> {
        Ok(Self(Arc::new(Shared {
            set: ArcSwap::from_pointee(Set::load(directory)?),
            directory: directory.to_owned(),
            activation_delay,
            clock,
            random,
            reading: Mutex::default(),
            looks: learn::Looks::default(),
        })))
    }

    /// Reads the directory again, blocking, and tells whether keys came or went.
    ///
    /// When it would be refused at start, the keys in use stay as they are: a botched copy must not log everyone out.
    pub fn reload(&self) -> Result<bool, KeysError> {
        let reading = self.0.reading.lock();
        let _reading = reading.unwrap_or_else(PoisonError::into_inner);
        let new = Set::load(&self.0.directory)?;
        let changed = self.0.set.load().ids() != new.ids();
        self.0.set.store(Arc::new(new));
        Ok(changed)
    }

    /// The key that signs now.
    pub fn signing(&self) -> Arc<SigningKey> {
        let set = self.0.set.load();
        let now = self.0.clock.now();
        Arc::clone(set.signing.current(self.0.activation_delay, now))
    }

    /// The key to verify with that has this id, whatever its age; `None` if there is none.
    pub fn verifying(&self, kid: &str) -> Option<Arc<SigningKey>> {
        self.0.set.load().signing.find(kid).map(Arc::clone)
    }

    /// The id of the root secret to derive from now, to be stored beside what was derived.
    pub fn secret_id(&self) -> String {
        let set = self.0.set.load();
        let now = self.0.clock.now();
        let secret = set.secrets.current(self.0.activation_delay, now);
        secret.id().to_string()
    }

    /// The ids of all root secrets, oldest first.
    pub fn secret_ids(&self) -> Vec<String> {
        let set = self.0.set.load();
        set.secrets
            .iter()
            .map(|secret| secret.id().to_string())
            .collect()
    }

    /// A code of that many decimal digits, the same whenever it is asked for with the same context.
    ///
    /// Its distance from uniform is under 2⁻⁸⁰ up to 14 digits. `None` if that secret is gone, and for over 38 digits.
    pub fn code(&self, secret_id: &str, context: &[&[u8]], digits: u8) -> Option<String> {
        let set = self.0.set.load();
        set.secrets.find(secret_id)?.code(context, digits)
    }

    /// The MAC of a refresh token; `None` if that secret is gone.
    pub fn refresh_mac(&self, secret_id: &str, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let set = self.0.set.load();
        Some(set.secrets.find(secret_id)?.refresh_mac(parts))
    }

    /// Encrypts a reply that waits to be replayed (AES-256-GCM), bound to `associated`, at 50 bytes more than `plain`.
    ///
    /// Nonces are random: a root secret should be rotated before it has sealed 2³² replies.
    pub fn seal(&self, plain: &[u8], associated: &[u8]) -> Vec<u8> {
        let set = self.0.set.load();
        let now = self.0.clock.now();
        let secret = set.secrets.current(self.0.activation_delay, now);
        secret.seal(plain, associated, &self.0.random)
    }

    /// What was sealed; `None` if it was changed, bound to something else, or its secret is gone.
    pub fn open(&self, sealed: &[u8], associated: &[u8]) -> Option<Vec<u8>> {
        let set = self.0.set.load();
        let secret = set.secrets.find(secret::sealed_with(sealed)?)?;
        secret.open(sealed, associated)
    }

    /// The key mixed into password hashes; `None` if that secret is gone, and with it every password hashed so.
    pub fn pepper(&self, secret_id: &str) -> Option<Zeroizing<[u8; 32]>> {
        let set = self.0.set.load();
        Some(set.secrets.find(secret_id)?.pepper())
    }

    /// Sixteen bytes that stand for the parts and do not tell them, for answers about accounts that do not exist.
    ///
    /// Made with the oldest secret, so that a rotation does not change them: an id that changes is one that was made up.
    pub fn pseudonym(&self, parts: &[&[u8]]) -> [u8; 16] {
        self.0.set.load().secrets.oldest().pseudonym(parts)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.0.set.load();
        f.debug_tuple("Keys").field(&set.ids()).finish()
    }
}
