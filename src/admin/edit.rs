//! The change of one account by an operator: all of it or nothing, with its event, and known everywhere before it is told.

use std::{future::Future, sync::Arc};

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    accounts::revocation,
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    backend::{Timestamp, kv::Mark},
    error::{Error, Result},
    replay,
    store::{self, Transaction, account},
};

/// Which account is to be changed.
#[derive(Debug)]
pub struct Target {
    /// Its population.
    pub realm: Arc<Realm>,
    /// Its id.
    pub account_id: Uuid,
    /// The version that the operator has seen.
    pub etag: Option<String>,
    /// Why, in the operator's words.
    pub reason: String,
}

/// The account after the change.
#[derive(Debug, Serialize, Deserialize)]
pub struct Edited {
    /// The account as it is now.
    pub account: account::Model,
    /// How many sessions were ended.
    pub ended_sessions: usize,
}

/// One kind of change.
pub(super) trait Edit: Sync {
    /// What the event calls it.
    const ACTION: Action;

    /// Makes the change in `desk`'s transaction; what it sets in `active` is written afterwards.
    fn apply(
        &self,
        desk: &Desk<'_>,
        active: &mut account::ActiveModel,
    ) -> impl Future<Output = Result<Applied>> + Send;
}

/// What a change is made with.
pub(super) struct Desk<'a> {
    pub(super) app: &'a App,
    pub(super) tx: &'a Transaction,
    pub(super) realm: &'a Realm,
    /// The account before, locked until the end of the transaction.
    pub(super) account: &'a account::Model,
    pub(super) now: Timestamp,
}

/// What a change has done.
#[derive(Default)]
pub(super) struct Applied {
    /// Whether the account's own row is another: it then has a new version.
    pub(super) is_changed: bool,
    /// The sessions that were ended.
    pub(super) ended: Vec<Uuid>,
    /// What the event says of it.
    pub(super) detail: String,
}

/// Makes the change.
///
/// Refusals: `ACCOUNT_NOT_FOUND`, `ETAG_MISMATCH`, and those of the change.
pub(super) async fn edit<E: Edit>(
    app: &App,
    call: &Call,
    target: &Target,
    edit: &E,
) -> Result<Edited> {
    let trail = Trail {
        realm: target.realm.name().to_owned(),
        account_id: Some(target.account_id),
        ..Trail::default()
    };
    let done = decide(app, call, target, edit, &trail).await;
    audit::refused(app, call, E::ACTION, &trail, done).await
}

async fn decide<E: Edit>(
    app: &App,
    call: &Call,
    target: &Target,
    edit: &E,
    trail: &Trail,
) -> Result<Edited> {
    let (edited, ended) = store::retrying(Error::met_another, || {
        attempt(app, call, target, edit, trail.clone())
    })
    .await?;
    let account_id = target.account_id;
    revocation::announce(app, &target.realm, account_id, &ended, Mark::Revoked).await;
    app.mail.notify_one();
    Ok(edited)
}

async fn attempt<E: Edit>(
    app: &App,
    call: &Call,
    target: &Target,
    edit: &E,
    mut trail: Trail,
) -> Result<(Edited, Vec<Uuid>)> {
    let realm = &*target.realm;
    let now = app.clock.now();
    let tx = store::begin(&app.db).await?;
    let account = account::Entity::lock(&tx, realm.name(), target.account_id)
        .await?
        .ok_or(Error::AccountNotFound)?;
    let etag = account.version.to_string();
    if target.etag.as_ref().is_some_and(|seen| *seen != etag) {
        return Err(Error::EtagMismatch { etag });
    }
    let desk = Desk {
        app,
        tx: &tx,
        realm,
        account: &account,
        now,
    };
    let mut active = account.clone().into_active_model();
    let applied = edit.apply(&desk, &mut active).await?;
    let account = if applied.is_changed {
        active.version = Set(account.version + 1);
        active.updated_at = Set(now.millis());
        active.update(&tx).await?
    } else {
        account
    };
    trail.detail = detail(applied.detail, &target.reason);
    audit::allowed(app, &tx, call, E::ACTION, &trail).await?;
    let edited = Edited {
        account,
        ended_sessions: applied.ended.len(),
    };
    replay::keep(app, &tx, call, &edited).await?;
    tx.commit().await?;
    Ok((edited, applied.ended))
}

/// What was done, and why.
fn detail(done: String, reason: &str) -> Option<String> {
    match (done.is_empty(), reason.is_empty()) {
        (true, true) => None,
        (false, true) => Some(done),
        (true, false) => Some(reason.to_owned()),
        (false, false) => Some(format!("{done}: {reason}")),
    }
}
