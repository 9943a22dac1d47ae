//! The key directory as files: who may read them, and how one is added whole or not at all.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{Id, KeysError, Kind};

/// A key is a few lines; what is longer is something else.
const LONGEST: usize = 16 * 1024;

/// Locked by whoever adds or removes keys.
const LOCK: &str = ".lock";

/// A key file as read, not yet understood.
pub(super) struct KeyFile {
    pub(super) id: Id,
    pub(super) path: PathBuf,
    pub(super) text: Zeroizing<String>,
}

/// Reads all key files of one kind, oldest first; none when their directory is not there.
///
/// Files of other extensions and hidden ones are passed over: editors, mounts and unfinished writes leave such.
/// Refused: what others than its owner may read or write, misnamed keys, and files over 16 KiB.
pub(super) fn read_all(directory: &Path, kind: Kind) -> Result<Vec<KeyFile>, KeysError> {
    let place = directory.join(kind.directory());
    let entries = match fs::read_dir(&place) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(unreadable(&place, source)),
    };
    refuse_open_directory(&place)?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| unreadable(&place, source))?.path();
        if is_key(&path, kind) {
            files.push(read(path)?);
        }
    }
    files.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(files)
}

/// The names of all key files of one kind, which are not read.
pub(super) fn ids(directory: &Path, kind: Kind) -> io::Result<Vec<Id>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(directory.join(kind.directory()))? {
        let path = entry?.path();
        if is_key(&path, kind) {
            ids.extend(id_of(&path));
        }
    }
    Ok(ids)
}

/// Keeps every other process from changing the keys until the file is dropped, and waits for one that does.
pub(super) fn lock(directory: &Path) -> Result<File, KeysError> {
    let path = directory.join(LOCK);
    let locked = || -> io::Result<File> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)?;
        file.lock()?;
        Ok(file)
    };
    locked().map_err(|source| KeysError::Unwritable { path, source })
}

/// Adds a key file of mode 0600, and the directories above it of mode 0700 where they are missing.
///
/// It appears under its name only when all of it is on disk, so that a reload never meets half a key.
pub(super) fn write(directory: &Path, kind: Kind, id: &Id, text: &str) -> Result<(), KeysError> {
    let place = directory.join(kind.directory());
    let path = path_of(directory, kind, id);
    let unfinished = place.join(format!(".{id}.{}.unfinished", kind.extension()));
    let written = || -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&place)?;
        if path.try_exists()? {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(&place)?.sync_all()
    };
    written().map_err(|source| KeysError::Unwritable { path, source })
}

/// Removes a key file.
pub(super) fn remove(directory: &Path, kind: Kind, id: &Id) -> Result<(), KeysError> {
    let path = path_of(directory, kind, id);
    fs::remove_file(&path).map_err(|source| KeysError::Unwritable { path, source })
}

fn path_of(directory: &Path, kind: Kind, id: &Id) -> PathBuf {
    directory
        .join(kind.directory())
        .join(format!("{id}.{}", kind.extension()))
}

fn is_key(path: &Path, kind: Kind) -> bool {
    let hidden = path
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && path.extension().is_some_and(|ext| ext == kind.extension())
}

fn id_of(path: &Path) -> Option<Id> {
    Id::parse(path.file_stem()?.to_str()?)
}

fn read(path: PathBuf) -> Result<KeyFile, KeysError> {
    let Some(id) = id_of(&path) else {
        return Err(KeysError::Misnamed { path });
    };
    let opened = File::open(&path).and_then(|file| Ok((file.metadata()?, file)));
    let (about, file) = opened.map_err(|source| unreadable(&path, source))?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeysError::OpenFile { path, mode });
    }
    // Room for all of it, since a string that grows leaves what it held behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST + 1));
    let read = file.take(LONGEST as u64 + 1).read_to_string(&mut text);
    match read {
        Ok(length) if length <= LONGEST => Ok(KeyFile { id, path, text }),
        Ok(_) => Err(KeysError::Broken {
            path,
            expected: "a key of at most 16 KiB",
        }),
        Err(source) => Err(unreadable(&path, source)),
    }
}

fn refuse_open_directory(place: &Path) -> Result<(), KeysError> {
    let about = fs::metadata(place).map_err(|source| unreadable(place, source))?;
    let mode = about.permissions().mode() & 0o777;
    // Reading the names is harmless; whoever may write here can plant a key of their own and sign with it.
    if mode & 0o022 == 0 {
        return Ok(());
    }
    let path = place.to_owned();
    Err(KeysError::OpenDirectory { path, mode })
}

fn unreadable(path: &Path, source: io::Error) -> KeysError {
    let path = path.to_owned();
    KeysError::Unreadable { path, source }
}
