//! Ending the sessions of an account, and marking them so.

mod alarm;

use std::time::Duration;

use sea_orm::ConnectionTrait;
use tokio::time::Instant;
use uuid::Uuid;

use super::held::Hearing;
use crate::{
    app::{App, Realm},
    backend::kv::Mark,
    error::Result,
    faults::Bug,
    metrics,
    store::session,
};

pub use alarm::Alarm;

/// How much longer a mark lives than the token that it refuses, for clocks that differ between nodes.
const MARK_MARGIN: Duration = Duration::from_mins(2);

/// Ends every session of an account but `spare`, in a transaction that holds the account's lock. Returns their ids.
pub async fn end_others(
    tx: &impl ConnectionTrait,
    account_id: Uuid,
    spare: Option<Uuid>,
) -> Result<Vec<Uuid>> {
    let mut ids = session::Entity::ids_of(tx, account_id).await?;
    ids.retain(|id| Some(*id) != spare);
    if !ids.is_empty() {
        session::Entity::end(tx, account_id, &ids).await?;
    }
    Ok(ids)
}

/// Makes a change of an account known, after its commit and before it is told to anybody, with the sessions that it ended.
///
/// SQL has the truth, so this cannot fail: what cannot be announced is waited for, until no node holds what was before.
pub async fn announce(app: &App, realm: &Realm, account_id: Uuid, ended: &[Uuid], mark: Mark) {
    let committed = Instant::now();
    let hearing = app.held.hearing();
    if ended.is_empty() && hearing == Hearing::Nothing
        || app.faults.has(Bug::ChangesAreNotAnnounced)
    {
        return;
    }
    let ttl = realm.longest_token + MARK_MARGIN;
    let told = app.kv.announce(account_id, ended, mark, ttl).await;
    if let Err(error) = &told {
        metrics::marks_missed(ended.len());
        tracing::warn!(%error, sessions = ended.len(), "a change is not announced, nor are ended sessions marked");
    }
    if told.is_err() || hearing == Hearing::Elsewhere {
        app.held.fade(committed).await;
    }
}

/// Waits until a change is seen everywhere that another call has made, and may not have announced: its node died, or its commit
/// was not answered.
pub async fn outlast(app: &App) {
    app.held.fade(Instant::now()).await;
}

/// Puts back the mark of a session that SQL says has ended, and tells the operator when it was missing.
///
/// A mark that somebody else has set since it was looked for was not missing: a call that meets the end of its session
/// is often faster than the mark.
pub async fn restore(app: &App, realm: &Realm, account_id: Uuid, id: Uuid, mark: Mark) {
    let ttl = realm.longest_token + MARK_MARGIN;
    match app.kv.mark_if_missing(account_id, id, mark, ttl).await {
        Ok(true) => {
            metrics::mark_restored();
            // Memory that begins empty with each process has forgotten nothing.
            if app.kv.outlives_process()
                && let Some(marks) = app.marks_restored.raise(app.clock.now())
            {
                tracing::warn!(
                    marks,
                    "marks of ended sessions were missing in the key-value store and were put back; nothing revoked was \
                     accepted. If it has answered all the time, it forgets: look whether Redis was flushed, restarted without \
                     its data, failed over or evicts keys, and set its maxmemory-policy to noeviction"
                );
            }
        }
        Ok(false) => {}
        Err(error) => tracing::debug!(%error, "the mark of an ended session is not put back"),
    }
}
