//! An upload while it arrives.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, Write as _},
    path::PathBuf,
};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use tokio::task::spawn_blocking;

/// Bytes that wait in memory before they are written.
const BUFFER_BYTES: usize = 256 * 1024;

/// An upload as it arrives: an unnamed temporary file, so that nothing is left whatever happens.
///
/// It holds at most 256 KiB in memory, and the chunk that is being written. Once a write has failed, or its future was
/// dropped, every further one fails.
#[derive(Debug)]
pub struct Spool {
    /// Away while a thread writes.
    disk: Option<Disk>,
    buffer: Vec<u8>,
    len: u64,
}

struct Disk {
    file: File,
    digest: Context,
}

/// An upload that is complete: still without a name, and gone when it is dropped.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    len: u64,
    sha256: [u8; 32],
}

impl Spool {
    /// Opens a file in that directory, which must exist.
    pub async fn open(directory: PathBuf) -> io::Result<Self> {
        let file = blocking(move || tempfile::tempfile_in(directory)).await?;
        Ok(Self {
            disk: Some(Disk {
                file,
                digest: Context::new(&SHA256),
            }),
            buffer: Vec::new(),
            len: 0,
        })
    }

    /// Appends a chunk, of any size.
    pub async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        self.len += chunk.len() as u64;
        if self.buffer.len() + chunk.len() <= BUFFER_BYTES {
            self.buffer.extend_from_slice(&chunk);
            return Ok(());
        }
        self.flush(chunk).await
    }

    /// Bytes that have been taken.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing has been taken yet.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Writes what is left.
    pub async fn finish(mut self) -> io::Result<Spooled> {
        self.flush(Bytes::new()).await?;
        let Disk { file, digest } = self.disk.take().ok_or_else(broken)?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest.finish().as_ref());
        Ok(Spooled {
            file,
            len: self.len,
            sha256,
        })
    }

    /// Writes the buffer and a chunk behind it, on a thread that may block.
    async fn flush(&mut self, chunk: Bytes) -> io::Result<()> {
        let mut disk = self.disk.take().ok_or_else(broken)?;
        let mut buffer = std::mem::take(&mut self.buffer);
        let (disk, buffer) = blocking(move || {
            disk.append(&buffer)?;
            disk.append(&chunk)?;
            buffer.clear();
            Ok((disk, buffer))
        })
        .await?;
        self.disk = Some(disk);
        self.buffer = buffer;
        Ok(())
    }
}

impl Disk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.file.write_all(bytes)
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disk")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Spooled {
    /// Its bytes.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has no bytes.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The SHA-256 of its bytes.
    pub const fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Reads it as a whole, from its start. It blocks, so it belongs on a thread that may.
    pub fn read(mut self) -> io::Result<Vec<u8>> {
        self.file.rewind()?;
        let length = usize::try_from(self.len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut bytes = vec![0; length];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

fn broken() -> io::Error {
    io::Error::other("an earlier write to this file has failed")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
