//! Ending one session of the caller's account.

use sea_orm::EntityTrait as _;
use uuid::Uuid;

use crate::{
    accounts::{Principal, revocation},
    app::{App, Call},
    audit::{self, Action},
    backend::kv::Mark,
    error::{Error, Result},
    faults::Bug,
    replay,
    store::{self, account, session},
};

/// Ends one session of the caller's account.
///
/// Refusals: `SESSION_NOT_FOUND`, for a session of another account too (AZ-03).
pub async fn revoke(app: &App, call: &Call, principal: &Principal, id: Uuid) -> Result<()> {
    let done = decide(app, call, principal, id).await;
    audit::refused(app, call, Action::Logout, &principal.trail(), done).await
}

async fn decide(app: &App, call: &Call, principal: &Principal, id: Uuid) -> Result<()> {
    let ended = store::retrying(Error::met_another, || attempt(app, call, principal, id)).await?;
    if !ended {
        return Err(Error::SessionNotFound);
    }
    let account_id = principal.account.id;
    revocation::announce(app, &principal.realm, account_id, &[id], Mark::Revoked).await;
    Ok(())
}

async fn attempt(app: &App, call: &Call, principal: &Principal, id: Uuid) -> Result<bool> {
    let account_id = principal.account.id;
    let tx = store::begin(&app.db).await?;
    account::Entity::lock(&tx, principal.realm.name(), account_id).await?;
    principal.require_live_session(&tx, app.clock.now()).await?;
    let ended = if app.faults.has(Bug::ForeignSessionsAreEnded) {
        let gone = session::Entity::delete_by_id(id).exec(&tx).await?;
        gone.rows_affected == 1
    } else {
        session::Entity::end(&tx, account_id, &[id]).await? == 1
    };
    if ended {
        let mut trail = principal.trail();
        trail.session_id = Some(id);
        audit::allowed(app, &tx, call, Action::Logout, &trail).await?;
        replay::keep(app, &tx, call, &()).await?;
    }
    tx.commit().await?;
    Ok(ended)
}
