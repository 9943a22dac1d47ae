//! The section `[pictures]`: where profile pictures are kept, and how they come and go.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;

use super::{declare::settings, value::Word};

/// Where pictures are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    /// As files.
    File,
    /// In S3, or a server that speaks like it.
    S3,
    /// In Google Cloud Storage.
    Gcs,
    /// In Azure Blob Storage.
    Azure,
    /// Kept in memory for tests. Only code can choose it.
    Memory,
}

impl Word for PictureKind {
    const ALL: &'static [Self] = &[Self::File, Self::S3, Self::Gcs, Self::Azure];

    fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::S3 => "s3",
            Self::Gcs => "gcs",
            Self::Azure => "azure",
            Self::Memory => "memory",
        }
    }
}

settings! {
    /// Profile pictures: where they are kept, and how they come and go.
    pub struct Pictures {
        /// `file` (one replica), `s3`, `gcs` or `azure`. The last two are not tried against the real services.
        kind: PictureKind = PictureKind::File,
        /// Directory of kind `file`; `pictures` in the data directory when not set.
        directory: Option<PathBuf> = None,
        /// Bucket of `s3` and `gcs`, container of `azure`. We get, put and delete objects there; on S3 we must also be
        /// allowed to list it (s3:ListBucket), or a missing picture looks like a refusal.
        bucket: Option<String> = None,
        /// Beginning of every name in the bucket, so that several services can share one.
        prefix: String = String::from("accountd"),
        /// Region of the bucket; when not set, `us-east-1`, unless credentials and region come from AWS's environment.
        region: Option<String> = None,
        /// URL of a server other than the provider's own.
        endpoint: Option<String> = None,
        /// Whether the URL names the bucket in its path and not in its host. Amazon and most others understand both.
        path_style: bool = true,
        /// Access key of `s3`. When not set, AWS's environment says who we are: web identity, container or instance.
        access_key_id: Option<String> = None,
        /// Secret of that access key.
        secret_access_key: Option<SecretString> = None,
        /// JSON file with the key of a service account, for `gcs`; when not set, the machine's default credentials.
        service_account_file: Option<PathBuf> = None,
        /// Storage account of `azure`.
        account: Option<String> = None,
        /// Key of the storage account; when not set, the workload or managed identity.
        access_key: Option<SecretString> = None,
        /// Longest time for one call of the store with its retries, and for one wait within a download.
        timeout: Duration = Duration::from_secs(10),
        /// How often a call is repeated after an error that may pass.
        retries: usize = 2,
        /// Directory where uploads wait until they are whole; `spool` in the data directory when not set.
        spool_directory: Option<PathBuf> = None,
        /// Pictures decoded at a time.
        threads: usize = 2,
        /// Most time of a processor to decode one picture; waiting for the processor does not count.
        decode_time: Duration = Duration::from_secs(1),
        /// Most bytes of pictures that are kept in memory to be sent again; 0 keeps none. One picture takes an eighth at
        /// most. Pictures that nobody fetches leave it within two minutes.
        cache: usize = 16_777_216,
        /// Uploads at a time.
        max_uploads: usize = 64,
        /// Downloads at a time.
        max_downloads: usize = 512,
        /// Uploads and downloads of one account at a time.
        max_per_account: usize = 16,
        /// Longest silence of a client in the middle of an upload or download.
        idle_timeout: Duration = Duration::from_secs(30),
        /// Bytes in a second, on average, under which an upload or download is ended.
        min_rate: u32 = 4096,
        /// Longest time for one upload or download.
        stream_deadline: Duration = Duration::from_mins(10),
    }
}
