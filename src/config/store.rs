//! The section `[store]`: the database.

use std::time::Duration;

use secrecy::SecretString;

use super::declare::{settings, words};

words! {
    /// When the schema of the database is brought up to date at start.
    pub enum Migrate {
        /// SQLite at every start; PostgreSQL never, and a schema that is behind is refused.
        Auto = "auto",
        /// At every start, whatever the engine.
        Always = "always",
        /// Only by `accountd migrate`; a schema that is behind is refused.
        Never = "never",
    }
}

settings! {
    /// The database: SQLite in the data directory, or PostgreSQL.
    pub struct Store {
        /// `sqlite` for `accountd.db` in the data directory, `sqlite://PATH`, or `postgres://USER@HOST/DATABASE`.
        url: SecretString = SecretString::from("sqlite"),
        /// Connections at a time.
        max_connections: u32 = 10,
        /// Wait for a free connection before a call is refused as overloaded.
        acquire_timeout: Duration = Duration::from_millis(500),
        /// Longest time for one statement: one that takes longer is ended, and its call refused as unavailable.
        statement_timeout: Duration = Duration::from_millis(700),
        /// Time that audit events are kept.
        audit_retention: Duration = Duration::from_hours(365 * 24),
        /// When the schema is brought up to date at start: `auto` (SQLite only), `always` or `never`.
        migrate: Migrate = Migrate::Auto,
    }
}
