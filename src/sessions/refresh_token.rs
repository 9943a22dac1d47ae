//! Refresh tokens: derived from the session and a key outside of SQL, and stored nowhere.
//!
//! `docs/adr/0003-derived-refresh-tokens.md` tells why.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::keys::Keys;

/// Tells the token from every other secret of ours, and scanners of leaked text what they have found.
const PREFIX: &str = "rt_";

/// Session id, generation, MAC.
const LENGTH: usize = 16 + 4 + 32;

/// What a refresh token says, true or not.
pub struct RefreshToken {
    /// The session that it claims to continue.
    pub session: Uuid,
    /// How many refreshes came before it in the session.
    pub generation: u32,
    mac: [u8; 32],
}

impl RefreshToken {
    /// Reads a token; `None` for any text but the one canonical spelling of 73 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(PREFIX)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        let (session, rest) = bytes.split_first_chunk()?;
        let (generation, mac) = rest.split_first_chunk()?;
        Some(Self {
            session: Uuid::from_bytes(*session),
            generation: u32::from_be_bytes(*generation),
            mac: mac.try_into().ok()?,
        })
    }

    /// Whether the holder of that secret issued it for the session with that nonce, found in constant time.
    ///
    /// Not when the secret is gone: a family whose key was removed is at its end.
    pub fn is_genuine(&self, keys: &Keys, secret_id: &str, nonce: &[u8; 32]) -> bool {
        mac(keys, secret_id, self.session, self.generation, nonce)
            .is_some_and(|genuine| genuine.ct_eq(&self.mac).into())
    }
}

/// A session's nonce as its row holds it; `None` when it has not 32 bytes.
pub fn nonce(stored: &[u8]) -> Option<&[u8; 32]> {
    stored.try_into().ok()
}

/// The token of that generation, the same whenever it is asked for; `None` if that secret is gone.
pub fn issue(
    keys: &Keys,
    secret_id: &str,
    session: Uuid,
    generation: u32,
    nonce: &[u8; 32],
) -> Option<SecretString> {
    let mac = mac(keys, secret_id, session, generation, nonce)?;
    let bytes = [&session.as_bytes()[..], &generation.to_be_bytes(), &mac].concat();
    Some(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into())
}

fn mac(
    keys: &Keys,
    secret_id: &str,
    session: Uuid,
    generation: u32,
    nonce: &[u8; 32],
) -> Option<[u8; 32]> {
    let generation = generation.to_be_bytes();
    keys.refresh_mac(secret_id, &[session.as_bytes(), &generation, nonce])
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken")
            .field("session", &self.session)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}
