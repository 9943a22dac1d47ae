//! PBKDF2, in three forms: as a PHC string (`$pbkdf2-sha256$i=600000,l=32$salt$hash`), as passlib writes it
//! (`$pbkdf2-sha256$29000$salt$hash`) and as Django does (`pbkdf2_sha256$600000$salt$hash`).

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{self, derive};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};

use super::{
    HashOptions,
    job::Hash,
    stored::{Scheme, check_lengths, number, parameters},
};

/// What HMAC is taken over.
#[derive(Clone, Copy)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl Digest {
    /// By the name of a PHC string, or of passlib.
    pub(super) fn of_scheme(name: &str) -> Option<Self> {
        match name {
            "pbkdf2" | "pbkdf2-sha1" => Some(Self::Sha1),
            "pbkdf2-sha256" => Some(Self::Sha256),
            "pbkdf2-sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// By the name of Django.
    pub(super) fn of_django(name: &str) -> Option<Self> {
        match name {
            "pbkdf2_sha1" => Some(Self::Sha1),
            "pbkdf2_sha256" => Some(Self::Sha256),
            _ => None,
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// What takes as long as one iteration, in KiB and passes of argon2, as measured and rounded up.
    const fn work_of_iteration(self) -> u64 {
        match self {
            Self::Sha1 | Self::Sha256 => 1,
            Self::Sha512 => 2,
        }
    }

    const fn algorithm(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }
}

/// All that a hash is computed from, but the password.
pub(super) struct Pbkdf2Recipe {
    digest: Digest,
    iterations: NonZeroU32,
    salt: Vec<u8>,
    hash_bytes: usize,
}

impl Pbkdf2Recipe {
    /// Reads what stands behind the name of a PHC string, or of passlib.
    pub(super) fn parse(
        digest: Digest,
        fields: &str,
        options: &HashOptions,
    ) -> Result<(Self, Vec<u8>), String> {
        let [costs, salt, hash] = three(fields)?;
        if !costs.contains('=') {
            // Its base64 has a point for the plus.
            let decode = |text: &str| STANDARD_NO_PAD.decode(text.replace('.', "+"));
            let (salt, hash) = both(decode(salt), decode(hash))?;
            return Self::new(digest, number(costs), salt, hash, options);
        }
        let [iterations, length] = parameters(costs, ["i", "l"])?;
        let (salt, hash) = both(STANDARD_NO_PAD.decode(salt), STANDARD_NO_PAD.decode(hash))?;
        if length.is_some_and(|length| usize::try_from(length) != Ok(hash.len())) {
            return Err("its hash has another length than it says".to_owned());
        }
        Self::new(digest, iterations, salt, hash, options)
    }

    /// Reads what stands behind the name of Django, whose salt is the text itself.
    pub(super) fn parse_django(
        digest: Digest,
        fields: &str,
        options: &HashOptions,
    ) -> Result<(Self, Vec<u8>), String> {
        let [iterations, salt, hash] = three(fields)?;
        let (salt, hash) = both(Ok(salt.as_bytes().to_vec()), STANDARD.decode(hash))?;
        Self::new(digest, number(iterations), salt, hash, options)
    }

    fn new(
        digest: Digest,
        iterations: Option<u32>,
        salt: Vec<u8>,
        hash: Vec<u8>,
        options: &HashOptions,
    ) -> Result<(Self, Vec<u8>), String> {
        let iterations = iterations
            .and_then(NonZeroU32::new)
            .ok_or("it has no number of iterations")?;
        check_lengths(&salt, &hash)?;
        let recipe = Self {
            digest,
            iterations,
            salt,
            hash_bytes: hash.len(),
        };
        let all = recipe.all_iterations();
        if all > u64::from(options.max_pbkdf2_iterations) {
            return Err(format!(
                "it asks for {all} iterations of PBKDF2, and the configuration allows {}",
                options.max_pbkdf2_iterations
            ));
        }
        Ok((recipe, hash))
    }

    pub(super) const fn scheme(&self) -> Scheme {
        match self.digest {
            Digest::Sha1 => Scheme::Pbkdf2Sha1,
            Digest::Sha256 => Scheme::Pbkdf2Sha256,
            Digest::Sha512 => Scheme::Pbkdf2Sha512,
        }
    }

    pub(super) fn work(&self) -> u64 {
        self.all_iterations() * self.digest.work_of_iteration()
    }

    pub(super) fn hash(&self, secret: &[u8]) -> Hash {
        let mut hash = Hash::new(vec![0; self.hash_bytes]);
        let algorithm = self.digest.algorithm();
        derive(algorithm, self.iterations, &self.salt, secret, &mut hash);
        hash
    }

    /// A hash longer than the digest is computed in several runs.
    fn all_iterations(&self) -> u64 {
        let runs = self.hash_bytes.div_ceil(self.digest.bytes()) as u64;
        u64::from(self.iterations.get()) * runs
    }
}

fn three(fields: &str) -> Result<[&str; 3], String> {
    let fields: Vec<&str> = fields.split('$').collect();
    fields
        .try_into()
        .map_err(|_| "it is not PBKDF2 with iterations, salt and hash".to_owned())
}

type Decoded = Result<Vec<u8>, base64::DecodeError>;

fn both(salt: Decoded, hash: Decoded) -> Result<(Vec<u8>, Vec<u8>), String> {
    match (salt, hash) {
        (Ok(salt), Ok(hash)) => Ok((salt, hash)),
        _ => Err("its salt or its hash is not base64".to_owned()),
    }
}
