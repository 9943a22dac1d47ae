//! The database: there, let in, and able to write.

use sea_orm::sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use secrecy::ExposeSecret as _;

use super::{Patient, clock::Compared, postgres, report::Report, sqlite};

pub(super) const NAME: &str = "sql";

/// Looks at the database that `store.url` names, and at its clock where it has one of its own.
pub(super) async fn check(patient: &Patient, clock: &mut Option<Compared>) -> Report {
    let report = Report::new(NAME);
    let url = patient.settings.database_url();
    let url = url.expose_secret();
    if url.contains(":memory:") {
        return report.warn(
            "SQLite in memory: all accounts are gone when the process ends",
            "set store.url to a file, or to a PostgreSQL",
        );
    }
    let unreadable = |report: Report, error: sea_orm::sqlx::Error| {
        report.fail(
            format!("store.url cannot be read: {error}"),
            "write store.url as sqlite://PATH or postgres://USER@HOST/DATABASE",
        )
    };
    if url.starts_with("sqlite:") {
        return match url.parse::<SqliteConnectOptions>() {
            Ok(options) => sqlite::check(report, options).await,
            Err(error) => unreadable(report, error),
        };
    }
    match url.parse::<PgConnectOptions>() {
        Ok(options) => postgres::check(report, patient, &options, clock).await,
        Err(error) => unreadable(report, error),
    }
}
