//! Ending the sessions of an account, and marking them so.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    app::{App, Realm},
    backend::kv::Mark,
    error::Result,
    store::session,
};

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
        tracing::warn!(%error, sessions = ids.len(), "ended sessions are not marked");
    }
}
