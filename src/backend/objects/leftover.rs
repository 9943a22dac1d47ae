//! What a process that was killed left of a file that it was writing.

use std::{fs, io, sync::Arc};

use object_store::path::Path;

/// Removes the half-written file beside the object at `path`. The store writes to `<name>#1` and renames it, and looks at
/// such names no more.
pub(super) async fn remove(root: Arc<std::path::Path>, path: Path) -> io::Result<()> {
    let work = move || {
        let half = root.join(format!("{path}#1"));
        match fs::remove_file(&half) {
            Ok(()) => {}
            Err(error) if is_absent(&error) => return Ok(()),
            Err(error) => return Err(error),
        }
        // With the last file goes its directory, as when an object is removed.
        if let Some(directory) = half.parent() {
            let _ = fs::remove_dir(directory);
        }
        Ok(())
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
