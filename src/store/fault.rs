//! What went wrong with a statement, told alike for both engines.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// What a caller can do about a failed statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The unique index of that name refused it.
    Taken(&'static str),
    /// It names a row that is gone.
    Orphan,
    /// It met another transaction and may be tried again.
    Conflict,
    /// The database does not answer, or takes no writes now.
    Unavailable,
    /// It is wrong, or the schema is not ours.
    Broken,
}

impl Fault {
    /// Its name, for people.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Taken(_) => "taken",
            Self::Orphan => "orphan",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Broken => "broken",
        }
    }
}

/// The unique indexes and the column that SQLite names in their place.
const UNIQUE: [(&str, &str); 4] = [
    ("uq_accounts_username", "accounts.username_canonical"),
    ("uq_accounts_email", "accounts.email_canonical"),
    ("uq_accounts_phone", "accounts.phone_canonical"),
    ("uq_accounts_external_id", "accounts.external_id"),
];

/// Tells what a caller can do about `error`.
pub fn fault(error: &DbErr) -> Fault {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(text)) => {
            return UNIQUE
                .iter()
                .find(|(index, column)| text.contains(index) || text.contains(column))
                // A primary key: two transactions made the same row, and the second may look again.
                .map_or(Fault::Conflict, |(index, _)| Fault::Taken(index));
        }
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Fault::Orphan,
        Some(_) | None => {}
    }
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Fault::Unavailable,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            driver_fault(error)
        }
        _ => Fault::Broken,
    }
}

fn driver_fault(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            if database
                .try_downcast_ref::<sqlx::sqlite::SqliteError>()
                .is_some()
            {
                sqlite_fault(&code)
            } else {
                postgres_fault(&code)
            }
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Fault::Unavailable,
        _ => Fault::Broken,
    }
}

/// By SQLSTATE (PostgreSQL manual, appendix A).
fn postgres_fault(state: &str) -> Fault {
    match state {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Fault::Conflict,
        // read_only_sql_transaction (a replica after failover), query_canceled (statement time-out), lock_not_available
        "25006" | "57014" | "55P03" => Fault::Unavailable,
        // connection exceptions, insufficient resources, operator intervention, system errors
        _ if ["08", "53", "57", "58"]
            .iter()
            .any(|class| state.starts_with(class)) =>
        {
            Fault::Unavailable
        }
        _ => Fault::Broken,
    }
}

/// By result code (sqlite.org/rescode.html); the low byte is the primary code.
fn sqlite_fault(code: &str) -> Fault {
    let code = code.parse::<u32>().unwrap_or_default();
    match code & 0xff {
        // busy, after the whole busy time-out: another try would wait as long again
        5 if code == 5 => Fault::Unavailable,
        // busy for a snapshot that is out of date, locked
        5 | 6 => Fault::Conflict,
        // read-only, I/O error, full, cannot open
        8 | 10 | 13 | 14 => Fault::Unavailable,
        _ => Fault::Broken,
    }
}
