//! Whether files can be made in a directory, without leaving any.

use std::path::{Path, PathBuf};

/// What there is at the path of a directory.
#[derive(Debug)]
pub(super) enum Directory {
    /// It takes files.
    Writable,
    /// It is not there, and can be made.
    Missing,
    /// It takes no files, or cannot be made.
    Unusable(String),
}

/// Looks at the directory and, where it is not there, at the nearest one above that is. Blocking.
pub(super) fn look(path: &Path) -> Directory {
    let nearest = nearest(path);
    if let Err(error) = tempfile::tempfile_in(&nearest) {
        return Directory::Unusable(format!(
            "no file can be made in {}: {error}",
            nearest.display()
        ));
    }
    if nearest == path {
        Directory::Writable
    } else {
        Directory::Missing
    }
}

/// The path itself, or the nearest one above it that is there.
fn nearest(path: &Path) -> PathBuf {
    let mut nearest = path.to_owned();
    while !nearest.exists() {
        let above = super::parent(&nearest);
        if above == nearest {
            break;
        }
        nearest = above;
    }
    nearest
}
