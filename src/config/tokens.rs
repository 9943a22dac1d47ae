//! The sections `[tokens]` and `[keys]`: what access tokens say, and the keys that sign them.

use std::{path::PathBuf, time::Duration};

use super::declare::{settings, words};

words! {
    /// How access tokens are signed.
    pub enum Algorithm {
        /// `EdDSA` with Ed25519.
        Eddsa = "eddsa",
        /// ECDSA with P-256 and SHA-256.
        Es256 = "es256",
    }
}

settings! {
    /// Access tokens. Their lifetimes belong to the realms.
    pub struct Tokens {
        /// `iss` of every token, and the only one accepted.
        issuer: String = String::from("accountd"),
        /// `aud` of every token, and the only one accepted.
        audience: String = String::from("accountd"),
        /// `eddsa` or `es256`, for keys made from now on.
        algorithm: Algorithm = Algorithm::Eddsa,
    }
}

settings! {
    /// The keys that sign tokens and derive codes.
    pub struct Keys {
        /// Directory of the key files; `keys` in the data directory when not set.
        directory: Option<PathBuf> = None,
        /// Wait before a new key signs, so that every replica and verifier knows it by then.
        activation_delay: Duration = Duration::from_mins(10),
        /// Time that a retired key still verifies. Never under the longest `access_lifetime`.
        keep: Duration = Duration::from_hours(24),
        /// How often the directory is read again.
        reload: Duration = Duration::from_secs(30),
        /// Age at which the newest signing key gets a successor by itself; 0 turns that off. For a directory that this
        /// process may write to: keys that are mounted as secrets are rotated where they come from.
        rotate_signing_every: Duration = Duration::ZERO,
        /// The same for root secrets. Those are never removed by themselves.
        rotate_secret_every: Duration = Duration::ZERO,
    }
}
