//! `accountd migrate`: the schema, forward and back.

mod standing;
mod up;

use std::process::ExitCode;

use accountd_migrations::{Migrator, MigratorTrait as _};
use anyhow::{Context as _, bail};
use clap::Subcommand;

use super::serve::open;
use crate::{config::Settings, store::Db};

pub(super) use standing::Standing;
pub(super) use up::up;

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
                Migrate::Up => up(&db).await?,
                Migrate::Down { steps } => down(&db, *steps).await?,
                Migrate::Status => {}
            }
            let standing = tell(&db).await?;
            let is_behind = matches!(command, Migrate::Status) && standing.pending() > 0;
            Ok(if is_behind {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            })
        })
}

/// Takes back the last steps. Only the version that took them knows how.
async fn down(db: &Db, steps: u32) -> anyhow::Result<()> {
    let standing = Standing::of(db.pool()).await?;
    if let Some(newest) = standing.newer.last() {
        bail!("the step {newest} was taken by a newer version: take it back with that version");
    }
    Ok(Migrator::down(db.pool(), Some(steps)).await?)
}

/// Prints every step.
async fn tell(db: &Db) -> anyhow::Result<Standing> {
    let standing = Standing::of(db.pool())
        .await
        .context("cannot read the schema's version")?;
    for (name, is_taken) in &standing.known {
        let status = if *is_taken { "Applied" } else { "Pending" };
        println!("{status}  {name}");
    }
    for name in &standing.newer {
        println!("Newer    {name}");
    }
    Ok(standing)
}
