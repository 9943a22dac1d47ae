//! Stored hashes: which forms are known, and what a hash of each is computed from.

use std::{fmt, ops::RangeInclusive};

use super::{
    HashOptions,
    argon2::Argon2Recipe,
    bcrypt::BcryptRecipe,
    job::Hash,
    memory::Memory,
    pbkdf2::{Digest, Pbkdf2Recipe},
    pepper::Pepper,
    scrypt::ScryptRecipe,
};

/// Nothing that is known is longer; it bounds the work on a text that somebody else wrote into the table.
pub(super) const MAX_TEXT_BYTES: usize = 256;
/// How long a stored hash may be: fewer bytes could be met by chance, or by trying.
pub(super) const HASH_BYTES: RangeInclusive<usize> = 16..=64;
/// How long the salt of a stored hash may be. Fewer bytes would be shared by accounts.
pub(super) const SALT_BYTES: RangeInclusive<usize> = 8..=64;

/// How a stored hash was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// argon2id, as we hash ourselves.
    Argon2id,
    /// argon2i.
    Argon2i,
    /// argon2d.
    Argon2d,
    /// bcrypt, which takes 72 bytes of a password into account.
    Bcrypt,
    /// scrypt.
    Scrypt,
    /// PBKDF2 with HMAC-SHA-1.
    Pbkdf2Sha1,
    /// PBKDF2 with HMAC-SHA-256.
    Pbkdf2Sha256,
    /// PBKDF2 with HMAC-SHA-512.
    Pbkdf2Sha512,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Argon2id => "argon2id",
            Self::Argon2i => "argon2i",
            Self::Argon2d => "argon2d",
            Self::Bcrypt => "bcrypt",
            Self::Scrypt => "scrypt",
            Self::Pbkdf2Sha1 => "pbkdf2-sha1",
            Self::Pbkdf2Sha256 => "pbkdf2-sha256",
            Self::Pbkdf2Sha512 => "pbkdf2-sha512",
        })
    }
}

/// All that a hash is computed from, but the password.
pub(super) enum Recipe {
    Argon2(Argon2Recipe),
    Bcrypt(BcryptRecipe),
    Scrypt(ScryptRecipe),
    Pbkdf2(Pbkdf2Recipe),
}

impl Recipe {
    pub(super) const fn scheme(&self) -> Scheme {
        match self {
            Self::Argon2(recipe) => recipe.scheme(),
            Self::Bcrypt(_) => Scheme::Bcrypt,
            Self::Scrypt(_) => Scheme::Scrypt,
            Self::Pbkdf2(recipe) => recipe.scheme(),
        }
    }

    /// The memory that it takes, in KiB, beside a thread's own block of `own` KiB.
    pub(super) fn kib_beside(&self, own: u64) -> u64 {
        match self {
            // In place of the thread's own block.
            Self::Argon2(recipe) if recipe.kib() <= own => 0,
            Self::Argon2(recipe) => recipe.kib(),
            Self::Scrypt(recipe) => recipe.kib(),
            Self::Bcrypt(_) | Self::Pbkdf2(_) => 0,
        }
    }

    /// What the hash costs: memory times passes of argon2 in KiB, or what takes about as long.
    pub(super) fn work(&self) -> u64 {
        match self {
            Self::Argon2(recipe) => recipe.work(),
            Self::Bcrypt(recipe) => recipe.work(),
            Self::Scrypt(recipe) => recipe.work(),
            Self::Pbkdf2(recipe) => recipe.work(),
        }
    }

    /// Computes the hash of `secret`. The bounds of the recipe were checked when it was made.
    pub(super) fn compute(&self, memory: &mut Memory, secret: &[u8]) -> Result<Hash, String> {
        match self {
            Self::Argon2(recipe) => memory
                .hash(recipe, secret)
                .map_err(|error| error.to_string()),
            Self::Bcrypt(recipe) => Ok(recipe.hash(secret)),
            Self::Scrypt(recipe) => recipe.hash(secret),
            Self::Pbkdf2(recipe) => Ok(recipe.hash(secret)),
        }
    }
}

/// A stored hash that may be executed.
pub(super) struct Stored {
    pub(super) recipe: Recipe,
    pub(super) hash: Vec<u8>,
}

impl Stored {
    /// Reads a stored hash. Refused, with a sentence, is whatever has no known form or lies outside the bounds of
    /// `options`: nothing that stands in a table may make a thread do more than its configuration says.
    pub(super) fn parse(
        text: &str,
        options: &HashOptions,
        pepper: &Pepper,
    ) -> Result<Self, String> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(format!("it has more than {MAX_TEXT_BYTES} bytes"));
        }
        let Some((name, fields)) = text.strip_prefix('$').unwrap_or(text).split_once('$') else {
            return Err(unknown());
        };
        // Django's forms are the only ones that do not begin with `$`.
        let (recipe, hash) = match (text.starts_with('$'), name) {
            (true, "argon2id" | "argon2i" | "argon2d") => {
                let (recipe, hash) = Argon2Recipe::parse(text, options, pepper)?;
                (Recipe::Argon2(recipe), hash)
            }
            (true, "2a" | "2b" | "2y") => {
                let (recipe, hash) = BcryptRecipe::parse(fields, options)?;
                (Recipe::Bcrypt(recipe), hash)
            }
            (true, "scrypt") => {
                let (recipe, hash) = ScryptRecipe::parse(fields, options)?;
                (Recipe::Scrypt(recipe), hash)
            }
            (true, name) => {
                let digest = Digest::of_scheme(name).ok_or_else(unknown)?;
                let (recipe, hash) = Pbkdf2Recipe::parse(digest, fields, options)?;
                (Recipe::Pbkdf2(recipe), hash)
            }
            (false, name) => {
                let digest = Digest::of_django(name).ok_or_else(unknown)?;
                let (recipe, hash) = Pbkdf2Recipe::parse_django(digest, fields, options)?;
                (Recipe::Pbkdf2(recipe), hash)
            }
        };
        Ok(Self { recipe, hash })
    }

    /// Whether a new hash would be better, as it is of every hash that is not argon2id.
    pub(super) fn is_weak(&self, options: &HashOptions, pepper: &Pepper) -> bool {
        match &self.recipe {
            Recipe::Argon2(recipe) => recipe.is_weak(options, pepper),
            Recipe::Bcrypt(_) | Recipe::Scrypt(_) | Recipe::Pbkdf2(_) => true,
        }
    }
}

fn unknown() -> String {
    "it has none of the forms that are known: argon2, scrypt and PBKDF2 as PHC strings, bcrypt, PBKDF2 of passlib and of \
     Django"
        .to_owned()
}

/// Refuses a salt or a hash of a length that no system writes.
pub(super) fn check_lengths(salt: &[u8], hash: &[u8]) -> Result<(), String> {
    for (what, bytes, allowed) in [("salt", salt, SALT_BYTES), ("hash", hash, HASH_BYTES)] {
        if !allowed.contains(&bytes.len()) {
            return Err(format!(
                "its {what} has {} bytes, and {} to {} are taken",
                bytes.len(),
                allowed.start(),
                allowed.end()
            ));
        }
    }
    Ok(())
}

/// The parameters of a PHC string, `ln=15,r=8,p=1`, by their `names`. Refused are others, those told twice, and what is
/// no plain number.
pub(super) fn parameters<const N: usize>(
    text: &str,
    names: [&str; N],
) -> Result<[Option<u32>; N], String> {
    let mut found = [None; N];
    for parameter in text.split(',') {
        let told = parameter.split_once('=').and_then(|(name, value)| {
            let place = names.iter().position(|known| *known == name)?;
            Some((place, number(value)?))
        });
        match told {
            Some((place, value)) if found[place].is_none() => found[place] = Some(value),
            _ => return Err(format!("its parameters are not {}", names.join(", "))),
        }
    }
    Ok(found)
}

/// A number as every system writes it: digits, without leading zeros.
pub(super) fn number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_shortest = text == "0" || !text.starts_with('0');
    (is_plain && is_shortest)
        .then(|| text.parse().ok())
        .flatten()
}
