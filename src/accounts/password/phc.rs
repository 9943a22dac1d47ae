//! Stored hashes: `$argon2id$v=19$m=19456,t=2,p=1[,keyid=…]$salt$hash`, as the PHC string format has it.

use argon2::{
    ARGON2ID_IDENT, KeyId, Params, ParamsBuilder, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};

use super::{
    HashOptions,
    pepper::{Key, Pepper},
};

pub(super) const SALT_BYTES: usize = 16;
pub(super) const HASH_BYTES: usize = 32;
/// Nothing that we write is longer; it bounds the work on a text that somebody else wrote into the table.
const MAX_TEXT_BYTES: usize = 256;
/// Fewer bytes could be met by chance, or by trying.
const MIN_STORED_HASH_BYTES: usize = 16;

/// All that a hash is computed from, but the password.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
    pub(super) hash_bytes: usize,
    pub(super) salt: Vec<u8>,
    pub(super) key: Option<Key>,
    key_id: Option<String>,
}

/// A stored hash that may be executed.
pub(super) struct Stored {
    pub(super) recipe: Recipe,
    pub(super) hash: Vec<u8>,
}

impl Recipe {
    /// That of a new hash.
    pub(super) fn current(options: &HashOptions, pepper: &Pepper, salt: [u8; SALT_BYTES]) -> Self {
        let (key_id, key) = pepper.current().unzip();
        Self {
            memory_kib: options.memory_kib,
            passes: options.passes,
            lanes: options.lanes,
            hash_bytes: HASH_BYTES,
            salt: salt.to_vec(),
            key,
            key_id,
        }
    }

    /// The numbers as argon2 takes them.
    pub(super) fn params(&self) -> Result<Params, argon2::Error> {
        let mut params = ParamsBuilder::new();
        params
            .m_cost(self.memory_kib)
            .t_cost(self.passes)
            .p_cost(self.lanes)
            .output_len(self.hash_bytes);
        if let Some(id) = &self.key_id {
            params.keyid(KeyId::new(id.as_bytes())?);
        }
        params.build()
    }

    /// What is to be stored.
    pub(super) fn to_phc(&self, hash: &[u8]) -> Result<String, String> {
        let write = || -> Result<String, argon2::password_hash::Error> {
            let phc = PasswordHash {
                algorithm: ARGON2ID_IDENT,
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&self.params()?)?,
                salt: Some(Salt::new(&self.salt)?),
                hash: Some(Output::new(hash)?),
            };
            Ok(phc.to_string())
        };
        write().map_err(|error| error.to_string())
    }
}

impl Stored {
    /// Reads a stored hash. Refused, with a sentence, is whatever is not argon2id of version 19 within the bounds of
    /// `options`: nothing that stands in a table may make a thread do more than its configuration says.
    pub(super) fn parse(
        text: &str,
        options: &HashOptions,
        pepper: &Pepper,
    ) -> Result<Self, String> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(format!("it has more than {MAX_TEXT_BYTES} bytes"));
        }
        let phc = PasswordHash::new(text).map_err(|_| "it is not a PHC string".to_owned())?;
        let is_current = phc.version == Some(Version::V0x13.into());
        if phc.algorithm != ARGON2ID_IDENT || !is_current {
            return Err("it is not argon2id of version 19".to_owned());
        }
        let params = Params::try_from(&phc).map_err(|error| error.to_string())?;
        if params.m_cost() > options.max_memory_kib || params.t_cost() > options.max_passes {
            return Err(format!(
                "it asks for {} KiB and {} passes, more than the configuration allows",
                params.m_cost(),
                params.t_cost()
            ));
        }
        if !params.data().is_empty() {
            return Err("it has associated data".to_owned());
        }
        let (Some(salt), Some(hash)) = (phc.salt, phc.hash) else {
            return Err("it has no salt or no hash".to_owned());
        };
        if hash.len() < MIN_STORED_HASH_BYTES {
            return Err(format!(
                "it has fewer than {MIN_STORED_HASH_BYTES} bytes of hash"
            ));
        }
        let (key_id, key) = find_key(params.keyid(), pepper)?.unzip();
        let recipe = Recipe {
            memory_kib: params.m_cost(),
            passes: params.t_cost(),
            lanes: params.p_cost(),
            hash_bytes: hash.len(),
            salt: salt.to_vec(),
            key,
            key_id,
        };
        let hash = hash.as_bytes().to_vec();
        Ok(Self { recipe, hash })
    }

    /// Whether a new hash would be better: more memory, more passes, more bytes, or the present pepper.
    pub(super) fn is_weak(&self, options: &HashOptions, pepper: &Pepper) -> bool {
        let recipe = &self.recipe;
        recipe.memory_kib < options.memory_kib
            || recipe.passes < options.passes
            || recipe.hash_bytes < HASH_BYTES
            || recipe.salt.len() < SALT_BYTES
            || !pepper.is_current(recipe.key_id.as_deref())
    }
}

fn find_key(id: &[u8], pepper: &Pepper) -> Result<Option<(String, Key)>, String> {
    if id.is_empty() {
        return Ok(None);
    }
    let id = str::from_utf8(id).map_err(|_| "it names a pepper by bytes that are no text")?;
    match pepper.find(id) {
        Some(key) => Ok(Some((id.to_owned(), key))),
        None => Err(format!("the pepper {id:?} that it names is not configured")),
    }
}
