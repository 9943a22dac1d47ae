//! Root secrets, and what is derived from them.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
    hkdf::{HKDF_SHA256, Salt},
    hmac,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{Id, ring::Dated};
use crate::backend::Random;

const LENGTH: usize = 32;

/// Of 32 random bytes 30 differ on average, and fewer than 16 in no lifetime of a universe: who has fewer has typed them.
const FEWEST_DIFFERENT: usize = 16;

/// A sealed message begins with this, then the id of its secret, then the nonce.
const SEAL: u8 = 1;

/// The keys of one root secret, one for each use, so that what one gives away says nothing of another.
pub(super) struct Secret {
    id: Id,
    code: hmac::Key,
    refresh: hmac::Key,
    pseudonym: hmac::Key,
    seal: LessSafeKey,
    pepper: Zeroizing<[u8; LENGTH]>,
}

impl Secret {
    /// Reads 32 random bytes in base64; `None` for any other number of bytes, and for bytes that are not random.
    pub(super) fn parse(id: Id, text: &str) -> Option<Self> {
        let root = Zeroizing::new(STANDARD.decode(text.trim_end()).ok()?);
        let mut different = Zeroizing::new(root.to_vec());
        different.sort_unstable();
        different.dedup();
        if root.len() != LENGTH || different.len() < FEWEST_DIFFERENT {
            return None;
        }
        Self::derive(id, &root).ok()
    }

    fn derive(id: Id, root: &[u8]) -> Result<Self, Unspecified> {
        let root = Salt::new(HKDF_SHA256, b"accountd").extract(root);
        let mac_key = |label: &[u8]| {
            root.expand(&[label], hmac::HMAC_SHA256)
                .map(hmac::Key::from)
        };
        let seal = UnboundKey::from(root.expand(&[b"reply v1"], &AES_256_GCM)?);
        let mut pepper = Zeroizing::new([0; LENGTH]);
        root.expand(&[b"pepper v1"], HKDF_SHA256)?
            .fill(&mut *pepper)?;
        Ok(Self {
            id,
            code: mac_key(b"code v1")?,
            refresh: mac_key(b"refresh token v1")?,
            pseudonym: mac_key(b"pseudonym v1")?,
            seal: LessSafeKey::new(seal),
            pepper,
        })
    }

    /// See [`super::Keys::code`].
    pub(super) fn code(&self, context: &[&[u8]], digits: u8) -> Option<String> {
        let range = 10_u128.checked_pow(u32::from(digits))?;
        let parts: Vec<&[u8]> = std::iter::once(std::slice::from_ref(&digits))
            .chain(context.iter().copied())
            .collect();
        let number = u128::from_be_bytes(first(&mac(&self.code, &parts))) % range;
        Some(format!("{number:0width$}", width = usize::from(digits)))
    }

    pub(super) fn refresh_mac(&self, parts: &[&[u8]]) -> [u8; LENGTH] {
        mac(&self.refresh, parts)
    }

    pub(super) fn pseudonym(&self, parts: &[&[u8]]) -> [u8; 16] {
        first(&mac(&self.pseudonym, parts))
    }

    pub(super) fn pepper(&self) -> Zeroizing<[u8; LENGTH]> {
        self.pepper.clone()
    }

    /// See [`super::Keys::seal`].
    pub(super) fn seal(&self, plain: &[u8], associated: &[u8], random: &Random) -> Vec<u8> {
        let nonce = random.bytes::<NONCE_LEN>();
        let head = [&[SEAL], self.id.as_str().as_bytes()].concat();
        let bound = Aad::from([&head, associated].concat());
        let mut body = plain.to_vec();
        let nonce_of_key = Nonce::assume_unique_for_key(nonce);
        let sealed = self
            .seal
            .seal_in_place_append_tag(nonce_of_key, bound, &mut body);
        // Nothing opens an empty message, so that a fault here can lose an answer but never bare it.
        sealed.map_or_else(|_| Vec::new(), |()| [&head[..], &nonce, &body].concat())
    }

    /// See [`super::Keys::open`].
    pub(super) fn open(&self, sealed: &[u8], associated: &[u8]) -> Option<Vec<u8>> {
        let (head, rest) = sealed.split_at_checked(1 + Id::LENGTH)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
        let bound = Aad::from([head, associated].concat());
        let mut body = body.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.seal.open_in_place(nonce, bound, &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

impl Dated for Secret {
    fn id(&self) -> &Id {
        &self.id
    }
}

/// The id of the secret that a message was sealed with; `None` if it is no sealed message.
pub(super) fn sealed_with(sealed: &[u8]) -> Option<&str> {
    let rest = sealed.strip_prefix(&[SEAL])?;
    std::str::from_utf8(rest.get(..Id::LENGTH)?).ok()
}

/// A new root secret as base64.
pub(super) fn generate(random: &Random) -> Zeroizing<String> {
    let root = Zeroizing::new(random.bytes::<LENGTH>());
    // Room for all of it, since a string that grows leaves what it held behind.
    let mut text = Zeroizing::new(String::with_capacity(64));
    STANDARD.encode_string(root.as_slice(), &mut text);
    text.push('\n');
    text
}

/// HMAC-SHA256 over the parts, each after its length, so that no two lists of parts are the same message.
fn mac(key: &hmac::Key, parts: &[&[u8]]) -> [u8; LENGTH] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut bytes = [0; LENGTH];
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

fn first(mac: &[u8; LENGTH]) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&mac[..16]);
    bytes
}
