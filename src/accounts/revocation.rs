//! Ending the sessions of an account, and marking them so.

mod alarm;

use std::time::Duration;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    app::{App, Realm},
    backend::kv::Mark,
    error::Result,
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

/// Marks ended sessions in the key-value store, after the commit that ended them.
///
/// The mark only saves a statement: SQL has the truth, so a mark that cannot be set is not a failure.
pub async fn mark(app: &App, realm: &Realm, ids: &[Uuid], mark: Mark) {
    if ids.is_empty() {
        return;
    }
    let ttl = realm.rules.access_lifetime + MARK_MARGIN;
    if let Err(error) = app.kv.mark_revoked(ids, mark, ttl).await {
        metrics::marks_missed(ids.len());
        tracing::warn!(%error, sessions = ids.len(), "ended sessions are not marked");
    }
}

/// Puts back the mark of a session that SQL says has ended, and tells the operator when it was missing.
///
/// A mark that somebody else has set since it was looked for was not missing: a call that meets the end of its session
/// is often faster than the mark.
pub async fn restore(app: &App, realm: &Realm, id: Uuid, mark: Mark) {
    let ttl = realm.rules.access_lifetime + MARK_MARGIN;
    match app.kv.mark_if_missing(id, mark, ttl).await {
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
