//! How the processes on one database hear of each other's changes.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    io,
    path::Path,
};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use secrecy::ExposeSecret as _;

use crate::{
    accounts::{Hearing, Held},
    backend::Kv,
    config::Settings,
};

/// Callers may be held where all processes hear of changes through one Redis, or where there is only one: without a Redis,
/// that is whoever has locked the file beside the SQLite database.
pub(super) fn held(settings: &Settings, kv: &Kv) -> Held {
    if kv.outlives_process() {
        let hearing = if kv.has_stamps() {
            Hearing::Stamps
        } else {
            Hearing::Nothing
        };
        return Held::new(hearing, None);
    }
    let url = settings.database_url();
    let Ok(database) = url.expose_secret().parse::<SqliteConnectOptions>() else {
        // A PostgreSQL, which may serve others.
        return Held::new(Hearing::Nothing, None);
    };
    if url.expose_secret().contains(":memory:") {
        return Held::new(Hearing::Stamps, None);
    }
    match lock(database.get_filename()) {
        Ok(file) => Held::new(Hearing::Stamps, Some(file)),
        Err(error) => {
            tracing::warn!(
                %error,
                "another process may have the database open: each change is told a little later, so that nothing stale is \
                 read there. Use PostgreSQL and Redis for more than one"
            );
            Held::new(Hearing::Elsewhere, None)
        }
    }
}

fn lock(database: &Path) -> io::Result<File> {
    let mut path = OsString::from(database);
    path.push(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
