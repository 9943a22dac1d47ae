//! The limits that concern an account or an address: looking at them, and giving one back.

mod find;

use std::{net::IpAddr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    error::{Error, Result},
    replay,
    store::{self, account, code},
};
use find::{Kind, Source};

/// Whose limits are meant.
#[derive(Debug)]
pub struct Whose {
    /// The population.
    pub realm: Arc<Realm>,
    /// An account.
    pub account_id: Option<Uuid>,
    /// A network address: what comes from there, and its tries at the account.
    pub peer: Option<IpAddr>,
}

/// How often something may be tried, and how much of that is used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// How much is used up.
    pub used: u32,
    /// How much there is; 0 where nothing limits it.
    pub most: u32,
    /// When the next try is taken, if not now, in milliseconds since 1970.
    pub retry_at: Option<i64>,
    /// When all of it is there again, if it is not, in milliseconds since 1970.
    pub full_at: Option<i64>,
}

/// Tells how much of each limit is used up.
///
/// Refusals: `ACCOUNT_NOT_FOUND`, `INVALID_FIELD` where neither an account nor an address is named.
pub async fn get_limits(app: &App, call: &Call, whose: &Whose) -> Result<Vec<Limit>> {
    let trail = trail(whose);
    let done = look(app, call, whose).await;
    if done.is_ok() {
        audit::allowed(app, &app.db, call, Action::GetLimits, &trail).await?;
    }
    audit::refused(app, call, Action::GetLimits, &trail, done).await
}

/// Gives the limit of that name back.
///
/// Refusals: those of [`get_limits`], `LIMIT_NOT_FOUND`.
pub async fn reset_limit(app: &App, call: &Call, whose: &Whose, name: &str) -> Result<Limit> {
    let mut trail = trail(whose);
    trail.detail = Some(name.to_owned());
    let done = reset(app, call, whose, name, &trail).await;
    audit::refused(app, call, Action::ResetLimit, &trail, done).await
}

async fn look(app: &App, call: &Call, whose: &Whose) -> Result<Vec<Limit>> {
    let account = account(app, whose).await?;
    let mut limits = Vec::new();
    for source in find::sources(app, call, whose, account.as_ref()).await? {
        limits.push(source.look(app).await?);
    }
    Ok(limits)
}

async fn reset(app: &App, call: &Call, whose: &Whose, name: &str, trail: &Trail) -> Result<Limit> {
    let account = account(app, whose).await?;
    let sources = find::sources(app, call, whose, account.as_ref()).await?;
    let source = sources.into_iter().find(|source| source.name == name);
    let source = source.ok_or(Error::LimitNotFound)?;
    let limit = Limit {
        name: name.to_owned(),
        used: 0,
        most: source.most(),
        retry_at: None,
        full_at: None,
    };
    store::retrying(Error::met_another, || {
        give_back(app, call, account.as_ref(), &source, trail, &limit)
    })
    .await?;
    Ok(limit)
}

async fn give_back(
    app: &App,
    call: &Call,
    account: Option<&account::Model>,
    source: &Source,
    trail: &Trail,
    limit: &Limit,
) -> Result<()> {
    let tx = store::begin(&app.db).await?;
    match (&source.kind, account) {
        (Kind::Bucket { bucket, .. }, _) => {
            // Once too often does no harm, where the transaction fails.
            app.kv.forget(bucket).await?;
            app.local.forget(bucket).await?;
        }
        (Kind::Codes { purpose, .. }, Some(account)) => {
            let email = account.email_canonical.as_deref();
            code::Entity::renew(&tx, &account.realm, purpose, account.id, email).await?;
        }
        (Kind::Codes { .. }, None) => return Err(Error::LimitNotFound),
    }
    audit::allowed(app, &tx, call, Action::ResetLimit, trail).await?;
    replay::keep(app, &tx, call, limit).await?;
    tx.commit().await?;
    Ok(())
}

async fn account(app: &App, whose: &Whose) -> Result<Option<account::Model>> {
    let Some(id) = whose.account_id else {
        return if whose.peer.is_some() {
            Ok(None)
        } else {
            let text = "account_id, peer_address or both must be given";
            Err(Error::field("account_id", "REQUIRED", text))
        };
    };
    let found = account::Entity::find_in_realm(&app.db, whose.realm.name(), id).await?;
    found.ok_or(Error::AccountNotFound).map(Some)
}

fn trail(whose: &Whose) -> Trail {
    Trail {
        realm: whose.realm.name().to_owned(),
        account_id: whose.account_id,
        ..Trail::default()
    }
}
