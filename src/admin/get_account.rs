//! Looking at one account.

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    error::{Error, Result},
    store::{
        account::{self, Name},
        session,
    },
};

/// How the operator names the account, in canonical form.
#[derive(Debug)]
pub enum Whom {
    /// By its id.
    Id(Uuid),
    /// By one of the names that it logs in with.
    Name(Name),
    /// By its name in another system.
    ExternalId(String),
    /// By a text that no account can have as its name.
    Nobody,
}

/// An account as operators see it.
#[derive(Debug)]
pub struct Record {
    /// Its row.
    pub account: account::Model,
    /// Its live sessions.
    pub sessions: session::Summary,
}

/// Reads an account, and notes who has read it.
///
/// Refusals: `ACCOUNT_NOT_FOUND`.
pub async fn get_account(
    app: &App,
    call: &Call,
    realm: &Arc<Realm>,
    whom: &Whom,
) -> Result<Record> {
    let mut trail = Trail {
        realm: realm.name().to_owned(),
        ..Trail::default()
    };
    let done = find(app, realm, whom).await;
    if let Ok(record) = &done {
        trail.account_id = Some(record.account.id);
        audit::allowed(app, &app.db, call, Action::GetAccount, &trail).await?;
    }
    audit::refused(app, call, Action::GetAccount, &trail, done).await
}

async fn find(app: &App, realm: &Realm, whom: &Whom) -> Result<Record> {
    let realm = realm.name();
    let account = match whom {
        Whom::Id(id) => account::Entity::find_in_realm(&app.db, realm, *id).await?,
        // Several registrations may claim one number, so that none of them is found by it.
        Whom::Name(name) => account::Entity::find_by_name(&app.db, realm, name).await?,
        Whom::ExternalId(id) => account::Entity::find_by_external_id(&app.db, realm, id).await?,
        Whom::Nobody => None,
    };
    let account = account.ok_or(Error::AccountNotFound)?;
    let now = app.clock.now().millis();
    let sessions = session::Entity::summary(&app.db, account.id, now).await?;
    Ok(Record { account, sessions })
}
