//! A file for its owner alone, which appears when it is whole.

use std::{
    fs,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use tempfile::NamedTempFile;

/// A file of mode 0600 that is written under another name, in the same directory, until it is whole.
pub(super) struct PrivateFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl PrivateFile {
    /// Begins the file that is to be at `path`, in the place of one that is there. Dropped before its end, it leaves nothing.
    ///
    /// Refused: a path where something else than a file is, such as a device.
    pub(super) fn begin(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        // Through a link, the file that it names is replaced.
        let path = match fs::canonicalize(path) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error).with_context(|| format!("cannot write {name}")),
        };
        let is_file = fs::metadata(&path).map_or(true, |about| about.is_file());
        anyhow::ensure!(is_file, "cannot write {name}: it is there, and no file");
        let file =
            NamedTempFile::new_in(parent(&path)).with_context(|| format!("cannot write {name}"))?;
        Ok(Self {
            file: BufWriter::new(file),
            path,
        })
    }

    /// Adds to its end.
    pub(super) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let written = self.file.write_all(bytes);
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Puts all of it on disk, and then under its name.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        let path = self.path;
        let finish = |file: BufWriter<NamedTempFile>| -> io::Result<()> {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            fs::File::open(parent(&path))?.sync_all()
        };
        finish(self.file).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
