//! Why keys cannot be used, in sentences that say what to do.

use std::{io, path::PathBuf};

use super::{Id, Kind};

/// Why the key directory, or a file in it, is refused.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A directory without a single key of that kind.
    #[error("there is no {kind} key in {}; run `accountd keys generate`", directory.display())]
    Missing {
        /// The kind that is missing.
        kind: Kind,
        /// Where one was looked for.
        directory: PathBuf,
    },
    /// The operating system does not let the file be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system does not let the file be written or removed.
    #[error("{} cannot be changed: {source}", path.display())]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A key that others than its owner may read or write.
    #[error(
        "{0} is open to others than its owner (mode {mode:03o}); run `chmod 600 {0}`, \
         and if anyone may have read it, rotate and remove it",
        path.display()
    )]
    OpenFile {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A directory in which others than its owner may plant a key.
    #[error(
        "others than its owner may add keys to {0} (mode {mode:03o}); run `chmod 700 {0}`, \
         and remove every key that is not yours",
        path.display()
    )]
    OpenDirectory {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key whose name does not tell when it was made.
    #[error(
        "{} is not named like 20261121T021500Z-1f3a, by the UTC time of its making; \
         rename it or move it away",
        path.display()
    )]
    Misnamed {
        /// The file.
        path: PathBuf,
    },
    /// A file with something else in it than its place and name promise.
    #[error("{} does not hold {expected}; restore it or move it away", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
    },
    /// No key has this id.
    #[error("there is no key {id}; `accountd keys list` names those there are")]
    Unknown {
        /// The id.
        id: Id,
    },
    /// The key is what everything is made with now.
    #[error(
        "key {id} is in use; run `accountd keys rotate`, wait until its successor is current, \
         and retire it then"
    )]
    InUse {
        /// The id.
        id: Id,
    },
    /// The cryptographic library made no key.
    #[error("the cryptographic library failed to make a key")]
    NotMade,
}
