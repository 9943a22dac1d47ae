//! bcrypt: `$2b$12$` with 22 letters of salt and 31 of hash behind it.

use base64::{
    Engine as _, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig, general_purpose::NO_PAD},
};
use bcrypt::bcrypt;
use zeroize::Zeroizing;

use super::{HashOptions, job::Hash};

/// Some old implementations left noise in the bits that a last letter has over; all others look past it.
const CONFIG: GeneralPurposeConfig = NO_PAD.with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, CONFIG);

const MIN_COST: u32 = 4;
const SALT_LETTERS: usize = 22;
const SALT_BYTES: usize = 16;
/// Of the 24 bytes that are computed, the last has never been stored.
const HASH_BYTES: usize = 23;
/// What bcrypt takes of a password; the rest counts for nothing, wherever it is implemented.
const MAX_PASSWORD_BYTES: usize = 72;
/// What takes as long as one round of bcrypt's two keys, in KiB and passes of argon2, as measured.
const WORK_OF_ROUND: u64 = 150;

/// All that a hash is computed from, but the password.
pub(super) struct BcryptRecipe {
    /// The logarithm of the rounds.
    cost: u32,
    salt: [u8; SALT_BYTES],
}

impl BcryptRecipe {
    /// Reads what stands behind `$2b$`. The letters a, b and y name implementations that made the same of each password
    /// without NUL.
    pub(super) fn parse(fields: &str, options: &HashOptions) -> Result<(Self, Vec<u8>), String> {
        let malformed = || "it is not bcrypt as it is written".to_owned();
        let (cost, letters) = fields.split_once('$').ok_or_else(malformed)?;
        let cost = cost
            .parse()
            .ok()
            .filter(|_| cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or_else(malformed)?;
        if cost < MIN_COST {
            return Err(format!(
                "its bcrypt cost is {cost}, and there is none below {MIN_COST}"
            ));
        }
        if cost > options.max_bcrypt_cost {
            return Err(format!(
                "its bcrypt cost is {cost}, and the configuration allows {}",
                options.max_bcrypt_cost
            ));
        }
        let (salt, hash) = letters
            .split_at_checked(SALT_LETTERS)
            .ok_or_else(malformed)?;
        let salt = BASE64
            .decode(salt)
            .ok()
            .and_then(|salt| salt.try_into().ok());
        let hash = BASE64
            .decode(hash)
            .ok()
            .filter(|hash| hash.len() == HASH_BYTES);
        let (Some(salt), Some(hash)) = (salt, hash) else {
            return Err(malformed());
        };
        Ok((Self { cost, salt }, hash))
    }

    pub(super) fn work(&self) -> u64 {
        WORK_OF_ROUND << self.cost
    }

    pub(super) fn hash(&self, secret: &[u8]) -> Hash {
        let taken = &secret[..secret.len().min(MAX_PASSWORD_BYTES)];
        // A NUL ends the password, unless its 72 bytes are full.
        let mut key = Zeroizing::new([0; MAX_PASSWORD_BYTES]);
        key[..taken.len()].copy_from_slice(taken);
        let length = (taken.len() + 1).min(MAX_PASSWORD_BYTES);
        let hash = Zeroizing::new(bcrypt(self.cost, self.salt, &key[..length]));
        Hash::new(hash[..HASH_BYTES].to_vec())
    }
}
