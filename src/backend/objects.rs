//! Objects: whole byte strings under keys, as files, in memory for tests, or in a bucket.
//!
//! Every call ends within the store's timeout and keeps little in memory. An object is put whole or not at all, and a
//! reading that stops before its end is an error, never an end.

mod chunks;
mod fault;
mod key;
mod leftover;
mod open;
mod options;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::{ObjectStore, ObjectStoreExt as _, path::Path};
use thiserror::Error;
use tokio::time::timeout;

use crate::faults::Faults;

pub use options::{AzureOptions, GcsOptions, OpenError, Options, Remote, S3Options};

/// What [`Objects::probe`] asks for, or writes and removes among files.
const PROBE: &str = "probe";

/// How often a file is written again whose directory was tidied away meanwhile.
const FILE_TRIES: usize = 3;

/// A store of objects; clones share it.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    kind: Kind,
    /// The directory, of files.
    root: Option<Arc<std::path::Path>>,
    prefix: Arc<str>,
    timeout: Duration,
    faults: Faults,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    S3,
    Gcs,
    Azure,
    Memory,
}

/// An object that is being read.
pub struct Object {
    /// Its length in bytes.
    pub size: u64,
    /// Its bytes, in pieces of 64 KiB at the most, fetched as they are asked for. They add up to `size`, or the last item
    /// is an error. No wait for a piece is longer than the store's timeout.
    pub chunks: BoxStream<'static, Result<Bytes, ObjectError>>,
}

/// Why a call on an object failed. The text is for the log and carries no secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ObjectError {
    /// The store does not answer, is slow, refuses us or is full.
    #[error("the object store {0}")]
    Unavailable(String),
    /// There is no such object, nor could there be one under a key that is none.
    #[error("there is no such object")]
    Missing,
}

impl Objects {
    /// Opens the store that `options` name, without talking to anybody. For files, the directory is made (mode 0700).
    ///
    /// Refused: a directory that cannot be made, half a pair of credentials, credentials that cannot be read, and bearer
    /// tokens that would travel in clear.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        open::open(options)
    }

    /// The same store through another seam.
    #[must_use]
    pub fn with_faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// The same store, given up after another time.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self {
            timeout: patience,
            ..self
        }
    }

    /// Stores `bytes` under `key`, over what was there: whole or not at all, and durably once it has succeeded.
    ///
    /// After an error other than [`ObjectError::Missing`] it may have been stored nevertheless.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        let path = self.path(key)?;
        self.within("put", self.write(&path, bytes)).await
    }

    /// Begins to read the object under `key`.
    pub async fn get(&self, key: &str) -> Result<Object, ObjectError> {
        let path = self.path(key)?;
        let read = async {
            let result = self.store.get(&path).await;
            result.map_err(|error| fault::reading(&error))
        };
        let result = self.within("get", read).await?;
        let size = result.meta.size;
        let chunks = chunks::chunks(result.payload, size, self.timeout);
        Ok(Object { size, chunks })
    }

    /// Removes the object under `key`. That there is none is a success, too.
    pub async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        let path = self.path(key)?;
        self.within("delete", self.remove(&path)).await
    }

    /// Whether the store answers and lets us in; for files, whether the directory can be written to.
    pub async fn probe(&self) -> Result<(), ObjectError> {
        if self.kind == Kind::File {
            self.put(PROBE, Bytes::new()).await?;
            return self.delete(PROBE).await;
        }
        match self.get(PROBE).await {
            Ok(_) | Err(ObjectError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn write(&self, path: &Path, bytes: Bytes) -> Result<(), ObjectError> {
        let mut tries = FILE_TRIES;
        loop {
            let Err(error) = self.store.put(path, bytes.clone().into()).await else {
                return Ok(());
            };
            tries -= 1;
            // The last file of a directory takes it along when it is deleted, even if another is just coming.
            let was_tidied = self.kind == Kind::File && fault::is_no_file(&error);
            if !was_tidied || tries == 0 {
                return Err(fault::writing(&error));
            }
        }
    }

    async fn remove(&self, path: &Path) -> Result<(), ObjectError> {
        if let Some(root) = &self.root {
            leftover::remove(Arc::clone(root), path.clone())
                .await
                .map_err(|error| fault::of_file(&error))?;
        }
        match self.store.delete(path).await {
            Err(error) if !(self.kind == Kind::File && fault::is_no_file(&error)) => {
                match fault::reading(&error) {
                    ObjectError::Missing => Ok(()),
                    error @ ObjectError::Unavailable(_) => Err(error),
                }
            }
            _ => Ok(()),
        }
    }

    fn path(&self, key: &str) -> Result<Path, ObjectError> {
        key::path(&self.prefix, key).ok_or(ObjectError::Missing)
    }

    async fn within<T>(
        &self,
        point: &'static str,
        call: impl Future<Output = Result<T, ObjectError>>,
    ) -> Result<T, ObjectError> {
        let limit = self.timeout;
        let broken = |_| fault::silence(limit);
        let call = self
            .faults
            .around(|| format!("objects {point}"), call, broken);
        timeout(limit, call)
            .await
            .unwrap_or_else(|_| Err(fault::silence(limit)))
    }
}

/// Without the store itself, which may print credentials.
impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects")
            .field("kind", &self.kind)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
