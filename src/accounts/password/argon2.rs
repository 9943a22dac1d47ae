//! argon2 in PHC form: `$argon2id$v=19$m=19456,t=2,p=1[,keyid=…]$salt$hash`, as we write it, and as others do.

use argon2::{
    ARGON2ID_IDENT, Algorithm, KeyId, Params, ParamsBuilder, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};

use super::{
    HashOptions,
    pepper::{Key, Pepper},
    stored::{HASH_BYTES, MAX_TEXT_BYTES, Scheme},
};

pub(super) const OUR_SALT_BYTES: usize = 16;
pub(super) const OUR_HASH_BYTES: usize = 32;

/// All that a hash is computed from, but the password.
#[derive(Clone)]
pub(super) struct Argon2Recipe {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
    pub(super) hash_bytes: usize,
    pub(super) salt: Vec<u8>,
    pub(super) key: Option<Key>,
    key_id: Option<String>,
}

impl Argon2Recipe {
    /// That of a new hash.
    pub(super) fn current(
        options: &HashOptions,
        pepper: &Pepper,
        salt: [u8; OUR_SALT_BYTES],
    ) -> Self {
        let (key_id, key) = pepper.current().unzip();
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            memory_kib: options.memory_kib,
            passes: options.passes,
            lanes: options.lanes,
            hash_bytes: OUR_HASH_BYTES,
            salt: salt.to_vec(),
            key,
            key_id,
        }
    }

    /// Reads a stored hash: what it is computed from, and its bytes. Refused, with a sentence, are other versions than 16
    /// and 19, and whatever lies outside the bounds of `options`.
    pub(super) fn parse(
        text: &str,
        options: &HashOptions,
        pepper: &Pepper,
    ) -> Result<(Self, Vec<u8>), String> {
        let phc = PasswordHash::new(text).map_err(|_| "it is not a PHC string".to_owned())?;
        let algorithm = Algorithm::try_from(phc.algorithm.as_str())
            .map_err(|_| "it is of no known kind of argon2")?;
        // The first version wrote no number.
        let version = phc.version.map_or(Ok(Version::V0x10), Version::try_from);
        let version = version.map_err(|_| "it is argon2 of another version than 16 and 19")?;
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
        if !HASH_BYTES.contains(&hash.len()) {
            return Err(format!(
                "it has fewer than {} bytes of hash",
                HASH_BYTES.start()
            ));
        }
        let (key_id, key) = find_key(params.keyid(), pepper)?.unzip();
        let recipe = Self {
            algorithm,
            version,
            memory_kib: params.m_cost(),
            passes: params.t_cost(),
            lanes: params.p_cost(),
            hash_bytes: hash.len(),
            salt: salt.to_vec(),
            key,
            key_id,
        };
        Ok((recipe, hash.as_bytes().to_vec()))
    }

    pub(super) const fn scheme(&self) -> Scheme {
        match self.algorithm {
            Algorithm::Argon2d => Scheme::Argon2d,
            Algorithm::Argon2i => Scheme::Argon2i,
            Algorithm::Argon2id => Scheme::Argon2id,
        }
    }

    /// Memory, in KiB.
    pub(super) fn kib(&self) -> u64 {
        u64::from(self.memory_kib)
    }

    /// Memory times passes, in KiB.
    pub(super) fn work(&self) -> u64 {
        u64::from(self.memory_kib) * u64::from(self.passes)
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

    /// Whether a new hash would be better: another kind of argon2 than ours, less memory, fewer passes, fewer bytes, or
    /// not the present pepper.
    pub(super) fn is_weak(&self, options: &HashOptions, pepper: &Pepper) -> bool {
        self.algorithm != Algorithm::Argon2id
            || self.version != Version::V0x13
            || self.memory_kib < options.memory_kib
            || self.passes < options.passes
            || self.hash_bytes < OUR_HASH_BYTES
            || self.salt.len() < OUR_SALT_BYTES
            || !pepper.is_current(self.key_id.as_deref())
    }
}

/// The pepper that a stored hash names, if it names one.
pub(super) fn key_id(text: &str) -> Option<String> {
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    let params = Params::try_from(&PasswordHash::new(text).ok()?).ok()?;
    let id = str::from_utf8(params.keyid()).ok()?;
    (!id.is_empty()).then(|| id.to_owned())
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
