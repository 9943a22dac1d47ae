//! Replacing the file.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, fchown},
    path::{Path, PathBuf},
};

use super::FileFault;

/// Keeps others from changing the file, until it is dropped: of two changes at once, one would be lost.
pub(super) fn lock(path: &Path) -> Result<File, FileFault> {
    // The directory is locked, since the file itself is replaced.
    let locked = || {
        let directory = File::open(parent(path))?;
        directory.lock()?;
        Ok(directory)
    };
    locked().map_err(|source| fault(path, source))
}

/// Replaces the file: a reader finds the one or the other, and never a part.
///
/// It keeps its owner and its mode, so that the service can read it whoever has changed it. A new one has mode 0600 and the
/// owner of its directory, where that can be had.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), FileFault> {
    let written = || -> io::Result<()> {
        let path = real(path)?;
        let place = parent(&path);
        // Made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(place)?;
        match fs::metadata(&path) {
            Ok(about) => {
                own(file.as_file(), &about)?;
                file.as_file().set_permissions(about.permissions())?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Another than root cannot, and keeps it.
                let _ = own(file.as_file(), &fs::metadata(place)?);
            }
            Err(error) => return Err(error),
        }
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(place)?.sync_all()
    };
    written().map_err(|source| fault(path, source))
}

/// Gives a file the owner and the group of another.
fn own(file: &File, like: &fs::Metadata) -> io::Result<()> {
    let about = file.metadata()?;
    if (about.uid(), about.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

/// The file itself where a link leads to it.
fn real(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        found => found,
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn fault(path: &Path, source: io::Error) -> FileFault {
    FileFault::File {
        path: path.to_owned(),
        source,
    }
}
