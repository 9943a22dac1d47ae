//! Where objects are kept, and why that may not do.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use thiserror::Error;

/// Where objects are kept, as the configuration says it.
#[derive(Clone, Debug)]
pub enum Options {
    /// As files.
    File {
        /// Where they are; created, readable to its owner alone, when it is missing.
        directory: PathBuf,
    },
    /// In a bucket of S3, or of a server that speaks like it.
    S3(S3Options),
    /// In a bucket of Google Cloud Storage.
    Gcs(GcsOptions),
    /// In a container of Azure Blob Storage.
    Azure(AzureOptions),
    /// In memory: for tests.
    Memory,
}

/// What is common to all stores beyond this machine.
#[derive(Clone, Debug)]
pub struct Remote {
    /// The most that one call may take with its retries, and one wait for the next piece of an object.
    pub timeout: Duration,
    /// How often a request is made again after an error that may pass.
    pub retries: usize,
    /// Beginning of every key, so that several services can share one bucket; none when empty.
    pub prefix: String,
}

impl Default for Remote {
    /// 10 seconds, two retries, no prefix.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            retries: 2,
            prefix: String::new(),
        }
    }
}

/// A bucket of S3 and how to reach it.
#[derive(Clone, Debug)]
pub struct S3Options {
    /// Its name.
    pub bucket: String,
    /// Its region; when not set, `us-east-1`, unless the environment of AWS is asked for credentials and names one.
    pub region: Option<String>,
    /// The server's URL, for another than Amazon's.
    pub endpoint: Option<String>,
    /// Whether the bucket is named in the path of the URL, and not in its host.
    pub path_style: bool,
    /// Who we are; with `secret_access_key`. With neither, the environment of AWS is asked: web identity, the container's
    /// credentials, else the instance's own.
    pub access_key_id: Option<String>,
    /// What proves it. It signs requests and never travels.
    pub secret_access_key: Option<SecretString>,
    /// The rest.
    pub remote: Remote,
}

/// A bucket of Google Cloud Storage and how to reach it.
#[derive(Clone, Debug)]
pub struct GcsOptions {
    /// Its name.
    pub bucket: String,
    /// The server's URL, for an emulator.
    pub endpoint: Option<String>,
    /// JSON file with the key of a service account. Without it, the application default credentials of the machine are
    /// taken; an `http://` endpoint, which can only be an emulator on this machine, gets none.
    pub service_account_file: Option<PathBuf>,
    /// The rest.
    pub remote: Remote,
}

/// A container of Azure Blob Storage and how to reach it.
#[derive(Clone, Debug)]
pub struct AzureOptions {
    /// Its name.
    pub container: String,
    /// The storage account that it belongs to.
    pub account: String,
    /// The account's key in base64. It signs requests and never travels. Without it, the environment of Azure is asked:
    /// workload identity, else the managed identity of the machine.
    pub access_key: Option<SecretString>,
    /// The URL of the account, for another than Azure's own.
    pub endpoint: Option<String>,
    /// The rest.
    pub remote: Remote,
}

/// Why a store cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The directory cannot be made.
    #[error("the directory {path} for objects cannot be made: {source}")]
    Directory {
        /// The directory named in the options.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The directory cannot be used.
    #[error("the directory {path} for objects cannot be used: {reason}")]
    Unusable {
        /// The directory named in the options.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// Half of the credentials is missing.
    #[error(
        "the object store's access key id and secret access key go together: set both or neither"
    )]
    Credentials,
    /// The endpoint is no URL.
    #[error(
        "the object store's endpoint must begin with https://, or with http:// on this machine"
    )]
    Endpoint,
    /// A token that opens the store would cross a network in clear.
    #[error("tokens for {endpoint} would travel in clear: begin it with https://")]
    Plaintext {
        /// The endpoint named in the options.
        endpoint: String,
    },
    /// The prefix is no key.
    #[error("the prefix of objects must be of a-z, 0-9, _ and - between single slashes")]
    Prefix,
    /// The client refuses what it was given, or TLS cannot be set up.
    #[error("the client of the object store cannot be set up: {0}")]
    Client(String),
}
