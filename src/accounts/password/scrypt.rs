//! scrypt in PHC form: `$scrypt$ln=15,r=8,p=1$salt$hash`, as passlib writes it too.

use std::{hint::black_box, ops::RangeInclusive};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use scrypt::{Params, scrypt};

use super::{
    HashOptions,
    job::Hash,
    stored::{check_lengths, parameters},
};

/// N is 2 at least (RFC 7914, 2). With 2^30 the block takes 128 GiB and more.
const LOG_N: RangeInclusive<u8> = 1..=30;
/// The most of r times p; what is written takes r = 8, and rarely more than 16 for p. The bytes beside the block grow
/// with both.
const MAX_R_P: u64 = 1024;
/// What takes as long as 1 KiB of scrypt, written once and read once, in KiB and passes of argon2, as measured.
const WORK_OF_KIB: u64 = 7;

/// All that a hash is computed from, but the password.
pub(super) struct ScryptRecipe {
    params: Params,
    /// Of the block that is filled and read, p times over.
    bytes: u64,
    salt: Vec<u8>,
    hash_bytes: usize,
}

impl ScryptRecipe {
    /// Reads what stands behind `$scrypt$`.
    pub(super) fn parse(fields: &str, options: &HashOptions) -> Result<(Self, Vec<u8>), String> {
        let fields: Vec<&str> = fields.split('$').collect();
        let [costs, salt, hash] = fields[..] else {
            return Err("it is not scrypt as a PHC string".to_owned());
        };
        let [Some(log_n), Some(r), Some(p)] = parameters(costs, ["ln", "r", "p"])? else {
            return Err("its parameters are not ln, r, p".to_owned());
        };
        let log_n = u8::try_from(log_n).ok().filter(|n| LOG_N.contains(n));
        let r_p = u64::from(r) * u64::from(p);
        let (Some(log_n), 1..=MAX_R_P) = (log_n, r_p) else {
            return Err("its parameters of scrypt are out of range".to_owned());
        };
        let all_kib = ((128 * r_p) << log_n).div_ceil(1024);
        if all_kib > u64::from(options.max_memory_kib) {
            return Err(format!(
                "it asks scrypt for {all_kib} KiB in all, more than the configuration allows"
            ));
        }
        let (Ok(salt), Ok(hash)) = (STANDARD_NO_PAD.decode(salt), STANDARD_NO_PAD.decode(hash))
        else {
            return Err("its salt or its hash is not base64".to_owned());
        };
        check_lengths(&salt, &hash)?;
        let params = Params::new(log_n, r, p).map_err(|error| error.to_string())?;
        let recipe = Self {
            params,
            bytes: (128 * u64::from(r)) << log_n,
            salt,
            hash_bytes: hash.len(),
        };
        Ok((recipe, hash))
    }

    /// Memory, in KiB, but for a little beside the block.
    pub(super) const fn kib(&self) -> u64 {
        self.bytes.div_ceil(1024)
    }

    pub(super) fn work(&self) -> u64 {
        self.bytes.div_ceil(1024) * u64::from(self.params.p()) * WORK_OF_KIB
    }

    pub(super) fn hash(&self, secret: &[u8]) -> Result<Hash, String> {
        self.check_memory()?;
        let mut hash = Hash::new(vec![0; self.hash_bytes]);
        scrypt(secret, &self.salt, &self.params, &mut hash).map_err(|error| error.to_string())?;
        Ok(hash)
    }

    /// The library ends the process where it gets no memory, so it is asked for before.
    fn check_memory(&self) -> Result<(), String> {
        let mut block: Vec<u8> = Vec::new();
        let taken = usize::try_from(self.bytes).map(|bytes| block.try_reserve_exact(bytes));
        black_box(&block);
        if matches!(taken, Ok(Ok(()))) {
            Ok(())
        } else {
            Err("there is no memory for scrypt".to_owned())
        }
    }
}
