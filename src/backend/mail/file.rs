//! Letters as files, for a first run without a relay: `cat data/mail/*.eml` shows them in the order of sending.

use std::{
    fs::DirBuilder,
    io,
    path::{Path, PathBuf},
};

use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use tokio::{fs, io::AsyncWriteExt as _};

use super::{Letter, OpenError, SendError, letter::Sealed};
use crate::backend::clock::Timestamp;

/// Sorts by name as by time.
const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:3]Z");
/// Leaves room for time and id within the 255 octets of a file name.
const ADDRESS_IN_NAME_MAX: usize = 80;

/// A directory of letters.
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Makes the directory when it is missing; its letters carry codes, so nobody else may look in.
    pub(super) fn open(path: PathBuf) -> Result<Self, OpenError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&path) {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(OpenError::Directory { path, source }),
        }
    }

    /// Writes the letter under a temporary name first: who lists the directory sees whole letters only.
    pub(super) async fn write(
        &self,
        letter: &Letter,
        sealed: &Sealed,
        now: Timestamp,
    ) -> Result<(), SendError> {
        let id = letter.id.simple().to_string();
        let short = id.get(24..).unwrap_or_default();
        let name = format!("{}-{}-{short}.eml", stamp(now), safe(sealed.to.as_ref()));
        let draft = self.0.join(format!(".{id}.tmp"));
        write(&draft, &sealed.bytes).await.map_err(closed)?;
        fs::rename(&draft, self.0.join(name)).await.map_err(closed)
    }

    /// Writes an empty file and lets go of it. It has no name that another process could take for its own.
    pub(super) async fn probe(&self) -> Result<(), SendError> {
        let directory = self.0.clone();
        let write = move || tempfile::tempfile_in(directory)?.sync_all();
        let written = tokio::task::spawn_blocking(write).await;
        written.map_err(io::Error::other).flatten().map_err(closed)
    }
}

async fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}

fn stamp(now: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(now.millis()) * 1_000_000)
        .ok()
        .and_then(|time| time.format(TIME).ok())
        .unwrap_or_else(|| now.millis().to_string())
}

/// The address with everything replaced that a shell or a file system could trip over.
fn safe(address: &str) -> String {
    address
        .chars()
        .take(ADDRESS_IN_NAME_MAX)
        .map(|c| {
            if c.is_ascii_alphanumeric() || "@.+-_".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err asks for"
)]
fn closed(error: io::Error) -> SendError {
    SendError::Closed(format!("the directory cannot be written to: {error}"))
}
