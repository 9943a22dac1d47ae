//! Keys that sign access tokens.

use aws_lc_rs::{
    error::Unspecified,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{DecodingKey, crypto};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use zeroize::Zeroizing;

use super::{Id, ring::Dated};
use crate::backend::Random;

/// How access tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `EdDSA` with Ed25519: the faster one.
    EdDsa,
    /// ECDSA with P-256 and SHA-256, for verifiers that lack Ed25519.
    Es256,
}

impl Algorithm {
    /// Its name in the header of a token.
    pub fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::EdDsa => Self::EdDSA,
            Algorithm::Es256 => Self::ES256,
        }
    }
}

/// A key pair for access tokens. What it prints holds nothing secret.
#[derive(Debug)]
pub struct SigningKey {
    id: Id,
    algorithm: Algorithm,
    /// Read once: reading it derives the public key anew, which costs as much as to sign.
    private: Private,
    public: DecodingKey,
}

#[derive(Debug)]
enum Private {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

impl SigningKey {
    /// Reads a PKCS#8 PEM of an Ed25519 or P-256 key; `None` for anything else.
    pub(super) fn parse(id: Id, pem: &str) -> Option<Self> {
        let der = Zeroizing::new(PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?);
        let der = der.secret_pkcs8_der();
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
            return Some(Self {
                id,
                algorithm: Algorithm::EdDsa,
                public: DecodingKey::from_ed_der(pair.public_key().as_ref()),
                private: Private::Ed25519(pair),
            });
        }
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).ok()?;
        Some(Self {
            id,
            algorithm: Algorithm::Es256,
            public: DecodingKey::from_ec_der(pair.public_key().as_ref()),
            private: Private::P256(pair),
        })
    }

    /// Its id, the `kid` of tokens signed with it.
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// The one algorithm that it signs and verifies with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The signature of a message, in base64url without padding.
    pub fn sign(&self, message: &[u8]) -> Result<String, Unspecified> {
        let signature = match &self.private {
            Private::Ed25519(pair) => pair.try_sign(message)?,
            Private::P256(pair) => pair.sign(&SystemRandom::new(), message)?,
        };
        Ok(URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether a signature, in canonical base64url without padding, is this key's for the message.
    pub fn is_signed(&self, message: &[u8], signature: &str) -> bool {
        crypto::verify(signature, message, &self.public, self.algorithm.into()).unwrap_or(false)
    }
}

impl Dated for SigningKey {
    fn id(&self) -> &Id {
        &self.id
    }
}

/// A new private key as PKCS#8 PEM.
pub(super) fn generate(
    algorithm: Algorithm,
    random: &Random,
) -> Result<Zeroizing<String>, Unspecified> {
    // Version 1 of PKCS#8 is what OpenSSL writes too, and what tools derive a JWK from.
    let der = match algorithm {
        Algorithm::EdDsa => {
            let seed = Zeroizing::new(random.bytes::<32>());
            Ed25519KeyPair::from_seed_unchecked(&*seed)?.to_pkcs8v1()?
        }
        // The library takes no seed for this curve: the one secret that seeded runs do not repeat.
        Algorithm::Es256 => {
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?.to_pkcs8v1()?
        }
    };
    Ok(pem(der.as_ref()))
}

fn pem(der: &[u8]) -> Zeroizing<String> {
    // Room for all of it, since a string that grows leaves what it held behind.
    let mut pem = Zeroizing::new(String::with_capacity(512));
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    // 48 bytes are the 64 characters of a PEM line.
    for line in der.chunks(48) {
        STANDARD.encode_string(line, &mut pem);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}
