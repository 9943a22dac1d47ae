//! The end of a picture.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};

use crate::{
    accounts::{Principal, revocation},
    app::{App, Call},
    audit::{self, Action},
    backend::kv::Mark,
    error::{Error, Result},
    replay,
    store::{self, account, picture},
};

/// Takes the picture from the caller's account. It is not served any more from the answer on; its objects are removed
/// by [`super::collect_pictures`].
///
/// Refusals: `PICTURE_NOT_FOUND`, `ETAG_MISMATCH`.
pub async fn delete_picture(
    app: &App,
    call: &Call,
    principal: &Principal,
    etag: Option<&str>,
) -> Result<account::Model> {
    let done = store::retrying(Error::met_another, || attempt(app, call, principal, etag)).await;
    if done.is_ok() {
        let account_id = principal.account.id;
        revocation::announce(app, &principal.realm, account_id, &[], Mark::Revoked).await;
    }
    audit::refused(app, call, Action::DeletePicture, &principal.trail(), done).await
}

async fn attempt(
    app: &App,
    call: &Call,
    principal: &Principal,
    etag: Option<&str>,
) -> Result<account::Model> {
    let tx = store::begin(&app.db).await?;
    let account = account::Entity::lock(&tx, principal.realm.name(), principal.account.id)
        .await?
        .ok_or(Error::AccountDeleted)?;
    let version = account.version.to_string();
    if etag.is_some_and(|seen| seen != version) {
        return Err(Error::EtagMismatch { etag: version });
    }
    if account.state != account::State::Active {
        return Err(Error::AccountSuspended);
    }
    principal.require_live_session(&tx, app.clock.now()).await?;
    let id = account.picture_id.ok_or(Error::PictureNotFound)?;
    picture::Entity::release(&tx, id).await?;
    let version = account.version + 1;
    let mut active = account.into_active_model();
    active.picture_id = Set(None);
    active.picture_type = Set(None);
    active.picture_width = Set(None);
    active.picture_height = Set(None);
    active.picture_size = Set(None);
    active.picture_at = Set(None);
    active.version = Set(version);
    let account = active.update(&tx).await?;
    audit::allowed(app, &tx, call, Action::DeletePicture, &principal.trail()).await?;
    replay::keep(app, &tx, call, &account).await?;
    tx.commit().await?;
    Ok(account)
}
