//! Tokens whose signatures were found right, so that they need not be looked at again.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::sync::Cache;

use super::{Claims, Expected, LONGEST, TokenFault, authentic};
use crate::{
    backend::Timestamp,
    keys::{Keys, SigningKey},
};

/// Tokens at most, at less than a kilobyte each; the ones that come least make room.
const CAPACITY: usize = 8192;

/// What tokens of ours say, by their SHA-256. A token that is not ours is never kept.
#[derive(Debug)]
pub struct Verified(Cache<[u8; 32], Known>);

#[derive(Clone, Debug)]
struct Known {
    claims: Arc<Claims>,
    key: Arc<SigningKey>,
}

impl Verified {
    /// What a token says, if it is one of ours, for us, and not over at `now`. Whether it was revoked is not asked here.
    ///
    /// Its signature is not checked again, as long as the key that it was checked with is in use.
    ///
    /// Refused: tokens over 4 KiB, and every spelling but the one that [`super::sign`] gives.
    pub fn claims(
        &self,
        keys: &Keys,
        token: &str,
        expected: &Expected,
        now: Timestamp,
    ) -> Result<Arc<Claims>, TokenFault> {
        let known = self.known(keys, token).ok_or(TokenFault::Invalid)?;
        expected.judge(&known.claims, now)?;
        Ok(known.claims)
    }

    fn known(&self, keys: &Keys, token: &str) -> Option<Known> {
        if token.len() > LONGEST {
            return None;
        }
        let mut name = [0; 32];
        name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        let known = self.0.get(&name).filter(|known| {
            let in_use = keys.verifying(known.key.id().as_str());
            in_use.is_some_and(|key| Arc::ptr_eq(&key, &known.key))
        });
        if known.is_some() {
            return known;
        }
        let (claims, key) = authentic(keys, token)?;
        let claims = Arc::new(claims);
        let known = Known { claims, key };
        self.0.insert(name, known.clone());
        Some(known)
    }
}

impl Default for Verified {
    /// Knows none yet.
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}
