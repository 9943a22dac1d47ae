//! The schema of accountd, one file per step, forward and back, on SQLite and PostgreSQL alike.
//!
//! Instants are `BIGINT` milliseconds since 1970: they sort alike on every engine. Every unique index is named after
//! the field that it guards, so that its violation names the field on every engine.
#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait takes the signatures only as the trait itself writes them"
)]

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m20261121_000001_accounts;
mod m20261121_000002_sessions;
mod m20261121_000003_codes;
mod m20261121_000004_outbox;
mod m20261121_000005_audit_events;
mod m20261121_000006_pictures;
mod m20261121_000007_replies;
mod m20261121_000008_wrong_guesses;
mod m20261122_000009_operators;

/// The steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_accounts::Migration),
            Box::new(m20261121_000002_sessions::Migration),
            Box::new(m20261121_000003_codes::Migration),
            Box::new(m20261121_000004_outbox::Migration),
            Box::new(m20261121_000005_audit_events::Migration),
            Box::new(m20261121_000006_pictures::Migration),
            Box::new(m20261121_000007_replies::Migration),
            Box::new(m20261121_000008_wrong_guesses::Migration),
            Box::new(m20261122_000009_operators::Migration),
        ]
    }
}
