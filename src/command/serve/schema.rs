//! The schema at start: brought up to date, or refused.

use std::time::Duration;

use anyhow::{Context as _, bail};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use secrecy::ExposeSecret as _;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    super::migrate::{self, Standing},
    open,
};
use crate::{
    config::{Migrate, Settings},
    store::{Db, Fault, fault},
};

/// How often a database that does not answer is asked again.
const LOOK: Duration = Duration::from_secs(1);

/// Brings the schema up to date where the configuration lets the service do so, and refuses one that is behind
/// otherwise.
///
/// A database that does not answer is waited for in the background, until `stop`. Until it does, the service says that it
/// does not serve. A schema that turns out to be behind then cancels `stop`.
pub(super) async fn bring_up(
    db: &Db,
    settings: &Settings,
    stop: &CancellationToken,
) -> anyhow::Result<Schema> {
    let ready = CancellationToken::new();
    let mut waiting = None;
    match look(db, settings).await {
        Ok(standing) => {
            judge(&standing)?;
            ready.cancel();
        }
        Err(error) if fault(&error) == Fault::Unavailable => {
            tracing::warn!(%error, "waiting for the database");
            let wait = wait(db.clone(), settings.clone(), ready.clone(), stop.clone());
            waiting = Some(tokio::spawn(wait));
        }
        Err(error) => bail!("cannot read the schema's version: {error}"),
    }
    Ok(Schema { ready, waiting })
}

/// What is known of the schema.
pub(super) struct Schema {
    /// Cancelled once it is seen to be good.
    pub(super) ready: CancellationToken,
    waiting: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Schema {
    /// What came of waiting for the database, at the end of the service.
    pub(super) async fn verdict(self) -> anyhow::Result<()> {
        match self.waiting {
            Some(waiting) => waiting.await?,
            None => Ok(()),
        }
    }
}

/// Refuses a schema that this version cannot serve on.
fn judge(standing: &Standing) -> anyhow::Result<()> {
    let behind = standing.pending();
    if behind > 0 {
        bail!(
            "the database is {behind} steps behind this version: run `accountd migrate up`, or set store.migrate to `always`"
        );
    }
    if let Some(step) = standing.breaking() {
        bail!(
            "the step {step} of a newer version has taken away what this one uses: run a version that knows the step"
        );
    }
    if let Some(newest) = standing.newer.last() {
        tracing::warn!(
            newest,
            "the database is ahead of this version, as it is during an upgrade; this version goes on with it"
        );
    }
    Ok(())
}

/// Whether a start brings the schema up to date.
pub(in crate::command) fn may_migrate(settings: &Settings) -> bool {
    match settings.store.migrate {
        Migrate::Always => true,
        Migrate::Never => false,
        Migrate::Auto => settings
            .database_url()
            .expose_secret()
            .starts_with("sqlite:"),
    }
}

/// Where the schema stands, after taking the steps that are missing if that is allowed.
async fn look(db: &Db, settings: &Settings) -> Result<Standing, DbErr> {
    let is_server = db.get_database_backend() != DbBackend::Sqlite;
    if may_migrate(settings) && !is_server {
        migrate::up(db).await?;
    } else if may_migrate(settings) {
        // A connection of its own, since a step may take longer than any statement that the service lets a server run.
        let patient = open::database_for_steps(settings).await;
        let patient = patient.map_err(|error| DbErr::Custom(format!("{error:#}")))?;
        migrate::up(&patient).await?;
    }
    Standing::of(db.pool()).await
}

async fn wait(
    db: Db,
    settings: Settings,
    ready: CancellationToken,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(LOOK) => {}
        }
        match look(&db, &settings).await {
            Ok(standing) => {
                if let Err(unfit) = judge(&standing) {
                    stop.cancel();
                    return Err(unfit);
                }
                tracing::info!("the database is there");
                ready.cancel();
                return Ok(());
            }
            Err(error) if matches!(fault(&error), Fault::Unavailable | Fault::Conflict) => {
                tracing::debug!(%error, "still waiting for the database");
            }
            Err(error) => {
                stop.cancel();
                return Err(error).context("the database cannot be used");
            }
        }
    }
}
