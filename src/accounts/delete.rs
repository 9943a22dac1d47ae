//! The end of an account.

use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::{Principal, fields::Password, reauthenticate, revocation};
use crate::{
    app::{App, Call},
    audit::{self, Action},
    backend::kv::Mark,
    codes,
    error::{Error, Result},
    faults::Bug,
    mails::Mail,
    replay,
    store::{self, account},
};

/// What proves that the owner means it.
#[derive(Debug)]
pub struct Input {
    /// The account's password.
    pub current_password: Password,
    /// The version that the caller has seen.
    pub etag: Option<String>,
}

/// Removes the caller's account, its sessions and its codes, for good (I7). The address is told.
///
/// Refusals: `CURRENT_PASSWORD_INCORRECT`, `ETAG_MISMATCH`, `RATE_LIMITED`, `OVERLOADED`.
pub async fn delete(app: &App, call: &Call, principal: &Principal, input: &Input) -> Result<()> {
    let done = decide(app, call, principal, input).await;
    audit::refused(app, call, Action::Delete, &principal.trail(), done).await
}

async fn decide(app: &App, call: &Call, principal: &Principal, input: &Input) -> Result<()> {
    let password = input.current_password.clone();
    reauthenticate::verify(app, call, principal, password).await?;
    let ended = store::retrying(Error::met_another, || {
        attempt(app, call, principal, input.etag.as_deref())
    })
    .await?;
    let account_id = principal.account.id;
    revocation::announce(app, &principal.realm, account_id, &ended, Mark::Deleted).await;
    app.mail.notify_one();
    Ok(())
}

async fn attempt(
    app: &App,
    call: &Call,
    principal: &Principal,
    etag: Option<&str>,
) -> Result<Vec<Uuid>> {
    let realm = &*principal.realm;
    let tx = store::begin(&app.db).await?;
    let account = account::Entity::lock(&tx, realm.name(), principal.account.id)
        .await?
        .ok_or(Error::AccountDeleted)?;
    let version = account.version.to_string();
    if etag.is_some_and(|seen| seen != version) {
        return Err(Error::EtagMismatch { etag: version });
    }
    if account.credentials_version != principal.account.credentials_version {
        return Err(Error::TokenRevoked);
    }
    let now = app.clock.now();
    principal.require_live_session(&tx, now).await?;
    codes::kill(&tx, &account, now).await?;
    let ended = revocation::end_others(&tx, account.id, None).await?;
    if let Some(address) = &account.email {
        let locale = realm.locale_of(&account);
        let mail = Mail::AccountDeleted;
        app.post(&tx, realm.name(), address, locale, &mail).await?;
    }
    if !app.faults.has(Bug::DeletedAccountStays) {
        account::Entity::delete_by_id(account.id).exec(&tx).await?;
    }
    audit::allowed(app, &tx, call, Action::Delete, &principal.trail()).await?;
    replay::keep(app, &tx, call, &()).await?;
    tx.commit().await?;
    Ok(ended)
}
