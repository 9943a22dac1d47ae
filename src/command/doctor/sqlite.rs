//! A database in a file of this machine.

use std::time::Duration;

use sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _, Executor as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use super::{
    directory::{self, Directory},
    report::Report,
};

/// How long another writer is waited for: each holds the lock for one transaction.
const BUSY: Duration = Duration::from_secs(5);

/// What the file says of itself.
struct About {
    version: String,
    journal: String,
}

/// Looks at the file and its directory. What is not there is not made.
pub(super) async fn check(report: Report, options: SqliteConnectOptions) -> Report {
    let file = options.get_filename().to_owned();
    let name = file.display();
    let directory = super::parent(&file);
    let looked = tokio::task::spawn_blocking(move || directory::look(&directory)).await;
    if let Ok(Directory::Unusable(why)) = looked {
        return report.fail(
            why,
            "let this user write there, or name another place by data_directory or store.url",
        );
    }
    if !file.exists() {
        return report.warn(
            format!("{name} is not there yet"),
            "run `accountd migrate up`, or let the first start make it; if there should be one, correct store.url",
        );
    }
    match look(options).await {
        Ok(About { version, journal }) if journal == "wal" => {
            report.ok(format!("SQLite {version} in {name} takes writes, with WAL"))
        }
        Ok(About { version, journal }) => report.warn(
            format!("SQLite {version} in {name} has the journal {journal}, and not WAL"),
            "start accountd once, which changes it; if it stays so, keep the file on a local disk",
        ),
        Err(error) => report.fail(
            format!("{name} cannot be used: {error}"),
            "let this user read and write the file and its directory; if another process holds it for long, end that one",
        ),
    }
}

/// Takes the lock for writing and gives it back at once, with nothing written.
async fn look(options: SqliteConnectOptions) -> Result<About, sqlx::Error> {
    let mut connection: SqliteConnection = options
        .create_if_missing(false)
        .busy_timeout(BUSY)
        .disable_statement_logging()
        .connect()
        .await?;
    let about = About {
        version: sqlx::query_scalar("SELECT sqlite_version()")
            .fetch_one(&mut connection)
            .await?,
        journal: sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(&mut connection)
            .await?,
    };
    connection.execute("BEGIN IMMEDIATE").await?;
    connection.execute("ROLLBACK").await?;
    connection.close().await?;
    Ok(about)
}
