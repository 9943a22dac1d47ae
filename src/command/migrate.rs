//! `accountd migrate`: the schema, forward and back.

use std::process::ExitCode;

use accountd_migrations::{Migrator, MigratorTrait as _};
use anyhow::Context as _;
use clap::Subcommand;

use super::serve::open;
use crate::{config::Settings, store::Db};

/// The subcommands of `accountd migrate`.
#[derive(Debug, Subcommand)]
pub enum Migrate {
    /// Take every step that has not been taken.
    Up,
    /// Take back the last steps, with what the tables of those steps hold.
    Down {
        /// How many steps.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Tell which steps have been taken; exit 1 if any has not.
    Status,
}

/// Runs one of the subcommands on the configured database.
pub fn run(command: &Migrate, settings: &Settings) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let db = open::database_for_steps(settings).await?;
            match command {
                Migrate::Up => Migrator::up(db.pool(), None).await?,
                Migrate::Down { steps } => Migrator::down(db.pool(), Some(*steps)).await?,
                Migrate::Status => {}
            }
            let pending = tell(&db).await?;
            let is_behind = matches!(command, Migrate::Status) && pending > 0;
            Ok(if is_behind {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            })
        })
}

/// Prints every step and returns how many have not been taken.
async fn tell(db: &Db) -> anyhow::Result<usize> {
    let steps = Migrator::get_migration_with_status_read_only(db.pool())
        .await
        .context("cannot read the schema's version")?;
    for step in &steps {
        println!("{}  {}", step.status(), step.name());
    }
    Ok(pending(&steps))
}

/// How many of the steps have not been taken.
pub(super) fn pending(steps: &[sea_orm_migration::Migration]) -> usize {
    steps
        .iter()
        .filter(|step| matches!(step.status(), sea_orm_migration::MigrationStatus::Pending))
        .count()
}
