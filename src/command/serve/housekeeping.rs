//! What is over is removed, a little at a time, and keys are read again.

use std::{sync::Arc, time::Duration};

use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use super::open;
use crate::{
    accounts::picture::collect_pictures,
    app::App,
    backend::Timestamp,
    config::Settings,
    keys::{self, Rotated},
    metrics,
    store::{account, audit_event, code, reply, session},
};

/// How often the tables are swept.
const EVERY: Duration = Duration::from_mins(1);
/// Rows removed in one statement, so that no sweep holds locks for long.
const BATCH: u64 = 500;
/// How long an issued code is remembered: the budget's day, the wait after a row of issues, and a day to spare.
const CODES_KEPT: Duration = Duration::from_hours(72);

/// Reads the keys again until `shutdown`, apart from all else: a stolen key must be forgotten in time.
pub(super) async fn tend(app: Arc<App>, settings: Settings, shutdown: CancellationToken) {
    let rounds = async {
        loop {
            tokio::time::sleep(settings.keys.reload).await;
            tend_keys(&app, &settings).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = rounds => {}
    }
}

/// Sweeps the tables until `shutdown`: there may be much to remove, and each statement stands for itself.
pub(super) async fn run(app: Arc<App>, audit_retention: Duration, shutdown: CancellationToken) {
    let rounds = async {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = sweep(&app, audit_retention).await {
                tracing::warn!(%error, "not swept");
            }
        }
    };
    tokio::select! {
        // What is left is taken up by the next process, or another.
        () = shutdown.cancelled() => {}
        () = rounds => {}
    }
}

/// Rotates the keys where that is due, and reads them again.
async fn tend_keys(app: &Arc<App>, settings: &Settings) {
    let (schedule, rotation) = (open::schedule(settings), open::rotation(settings));
    if !schedule.is_empty() {
        let (directory, app) = (settings.keys_directory(), Arc::clone(app));
        let followed = tokio::task::spawn_blocking(move || {
            keys::follow(
                &directory,
                &schedule,
                &rotation,
                app.clock.now(),
                &app.random,
            )
        });
        match followed.await {
            Ok(Ok(Rotated { added, removed })) => {
                for (kind, id) in added {
                    tracing::info!(%kind, %id, "a key was added by schedule");
                }
                for id in removed {
                    tracing::info!(%id, "a signing key was removed by schedule");
                }
            }
            Ok(Err(error)) => tracing::error!(%error, "keys were not rotated"),
            Err(error) => tracing::error!(%error, "keys were not rotated"),
        }
    }
    let keys = app.keys.clone();
    let read = tokio::task::spawn_blocking(move || keys.reload()).await;
    metrics::keys_read(matches!(read, Ok(Ok(_))));
    match read {
        Ok(Ok(true)) => tracing::info!("keys were read again and have changed"),
        Ok(Ok(false)) => {}
        Ok(Err(error)) => tracing::error!(%error, "keys stay as they are"),
        Err(error) => tracing::error!(%error, "keys stay as they are"),
    }
}

/// Removes the objects of pictures that are nobody's until `shutdown`, apart from all else: a store may be slow, and
/// after an outage there may be many.
pub(super) async fn collect(app: Arc<App>, shutdown: CancellationToken) {
    loop {
        let round = async {
            tokio::time::sleep(EVERY).await;
            app.cache.forget_unused();
            collect_pictures(&app).await
        };
        tokio::select! {
            // What is under way is taken up again by the next process, or another.
            () = shutdown.cancelled() => return,
            done = round => match done {
                Ok(0) => {}
                Ok(pictures) => tracing::info!(pictures, "removed from the object store"),
                Err(error) => tracing::warn!(%error, "pictures are left for later"),
            },
        }
    }
}

/// Removes sessions, codes, kept answers and registrations that are over, and audit events older than `audit_retention`.
pub async fn sweep(app: &App, audit_retention: Duration) -> Result<(), DbErr> {
    let now = app.clock.now();
    // First what holds tokens, last what may be most.
    while reply::Entity::sweep(&app.db, now.millis(), BATCH).await? >= BATCH {}
    // A token may outlive the idle end of its session. Kept as long, the row refuses it; without a row, it would look as
    // if the key-value store had forgotten to.
    let policy = app.policy.load_full();
    let idle = (now - policy.tokens.max_lifetime).millis();
    while session::Entity::sweep(&app.db, idle, BATCH).await? >= BATCH {}
    let stale: Timestamp = now - CODES_KEPT;
    while code::Entity::sweep(&app.db, stale.millis(), BATCH).await? >= BATCH {}
    for realm in policy.realms.values() {
        let stale = (now - realm.rules.registration_lifetime).millis();
        while account::Entity::sweep_pending(&app.db, realm.name(), stale, BATCH).await? >= BATCH {}
    }
    let stale = (now - audit_retention).millis();
    while audit_event::Entity::sweep(&app.db, stale, BATCH).await? >= BATCH {}
    Ok(())
}
