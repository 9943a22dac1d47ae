//! Contradictions and weak points of pictures: of their store, and of what a realm accepts.

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    PictureKind, Pictures, Realm, check::positive, check_outside::readable, check_realm::At,
    findings::Findings, secret, value::Word as _,
};

/// Most bytes of a picture that any realm may accept.
const MOST_BYTES: u64 = 64 << 20;

/// Longest side that any realm may accept, the most that WebP knows.
const LONGEST_SIDE: u32 = 16_384;

/// Most memory that decoding one picture may take.
const MOST_MEMORY: u64 = 1 << 30;

/// More threads than any machine has use for.
const MOST_THREADS: usize = 1024;

impl Pictures {
    pub(super) fn check(&self, found: &mut Findings) {
        self.check_store(found);
        self.check_credentials(found);
        self.check_endpoint(found);
        self.check_numbers(found);
    }

    fn check_store(&self, found: &mut Findings) {
        let usable = |letter: u8| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"_-".contains(&letter)
        };
        let is_key = |prefix: &str| {
            let mut segments = prefix.split('/');
            segments.all(|segment| !segment.is_empty() && segment.bytes().all(usable))
        };
        if !self.prefix.is_empty() && (self.prefix.len() > 200 || !is_key(&self.prefix)) {
            found.refuse(
                "pictures.prefix",
                "must be of a-z, 0-9, _ and - between single slashes, 200 characters at most",
            );
        }
        if matches!(self.kind, PictureKind::File | PictureKind::Memory) {
            return;
        }
        if self.bucket.is_none() {
            let kind = self.kind.word();
            let what = if self.kind == PictureKind::Azure {
                "container"
            } else {
                "bucket"
            };
            found.refuse(
                "pictures.bucket",
                format!("must name the {what} with kind {kind}"),
            );
        }
        if self.kind == PictureKind::Azure && self.account.is_none() {
            found.refuse(
                "pictures.account",
                "must name the storage account with kind azure",
            );
        }
        if self.directory.is_some() {
            found.warn("pictures.directory", "is used with kind file only");
        }
    }

    fn check_credentials(&self, found: &mut Findings) {
        match (&self.access_key_id, &self.secret_access_key) {
            (Some(_), None) => found.refuse(
                "pictures.secret_access_key",
                "is missing beside access_key_id",
            ),
            (None, Some(_)) => found.refuse(
                "pictures.access_key_id",
                "is missing beside secret_access_key",
            ),
            _ => {}
        }
        for (key, secret) in [
            ("pictures.secret_access_key", &self.secret_access_key),
            ("pictures.access_key", &self.access_key),
        ] {
            self.check_secret(key, secret.as_ref(), found);
        }
        readable(
            found,
            "pictures.service_account_file",
            self.service_account_file.as_ref(),
        );
        if let Some(Err(fault)) = self
            .service_account_file
            .as_deref()
            .filter(|path| path.exists())
            .map(secret::only_owners)
        {
            found.refuse("pictures.service_account_file", fault);
        }
    }

    fn check_secret(&self, key: &str, secret: Option<&SecretString>, found: &mut Findings) {
        let is_near = self.endpoint.as_deref().is_some_and(secret::is_loopback);
        let Some(secret) = secret.filter(|_| !is_near) else {
            return;
        };
        if let Some(weakness) = secret::weakness(secret.expose_secret()) {
            found.refuse(key, format!("{weakness}; set another"));
        }
    }

    fn check_endpoint(&self, found: &mut Findings) {
        let Some(endpoint) = &self.endpoint else {
            return;
        };
        let is_plain = endpoint.starts_with("http://");
        if !is_plain && !endpoint.starts_with("https://") {
            return found.refuse(
                "pictures.endpoint",
                "must begin with `https://`, or with `http://`",
            );
        }
        if secret::password(endpoint).is_some() {
            found.refuse(
                "pictures.endpoint",
                "has a password; credentials have keys of their own",
            );
        }
        if !is_plain || secret::is_loopback(endpoint) {
            return;
        }
        let sends_tokens = match self.kind {
            PictureKind::Gcs => true,
            PictureKind::Azure => self.access_key.is_none(),
            PictureKind::File | PictureKind::S3 | PictureKind::Memory => false,
        };
        if sends_tokens {
            found.refuse(
                "pictures.endpoint",
                "would send tokens in the open; take `https://`",
            );
        } else {
            found.warn(
                "pictures.endpoint",
                "sends pictures to another machine without TLS; take `https://`",
            );
        }
    }

    fn check_numbers(&self, found: &mut Findings) {
        for (key, number) in [
            ("pictures.threads", self.threads),
            ("pictures.max_uploads", self.max_uploads),
            ("pictures.max_downloads", self.max_downloads),
            ("pictures.max_per_account", self.max_per_account),
        ] {
            if number == 0 {
                found.refuse(key, "must be 1 or more");
            }
        }
        if self.threads > MOST_THREADS {
            found.refuse(
                "pictures.threads",
                format!("must be {MOST_THREADS} at most"),
            );
        }
        if self.retries > 10 {
            found.refuse("pictures.retries", "must be 10 at most");
        }
        if self.min_rate == 0 {
            found.refuse(
                "pictures.min_rate",
                "must be 1 or more, or a client could hold its place for ever",
            );
        }
        positive(found, "pictures.timeout", self.timeout);
        positive(found, "pictures.decode_time", self.decode_time);
        positive(found, "pictures.idle_timeout", self.idle_timeout);
        if self.stream_deadline < self.idle_timeout {
            found.refuse(
                "pictures.stream_deadline",
                "ends before idle_timeout does; raise it, or lower that",
            );
        }
    }
}

impl Realm {
    pub(super) fn check_pictures(&self, at: &mut At<'_>) {
        if self.pictures && self.picture_types.is_empty() {
            at.refuse(
                "picture_types",
                "names nothing; name jpeg, png or webp, or set pictures to false",
            );
        }
        let numbers = [
            ("picture_max_bytes", self.picture_max_bytes, MOST_BYTES),
            (
                "picture_max_side",
                u64::from(self.picture_max_side),
                u64::from(LONGEST_SIDE),
            ),
            (
                "picture_max_pixels",
                self.picture_max_pixels,
                u64::from(LONGEST_SIDE) * u64::from(LONGEST_SIDE),
            ),
            ("picture_max_memory", self.picture_max_memory, MOST_MEMORY),
        ];
        for (key, number, most) in numbers {
            if number == 0 || number > most {
                at.refuse(key, format!("must be from 1 to {most}"));
            }
        }
    }
}
