//! Bringing accounts in, some hundreds in a transaction.

use std::{collections::HashSet, sync::Arc};

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use crate::{
    accounts::fields::{BirthDate, Email, ExternalId, FullName, Phone, Username},
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    error::{Error, Result},
    mails::Locale,
    store::{
        self, Transaction,
        account::{self, Name, State},
        audit_event,
    },
};

/// An account to be made, each value fit to be stored.
#[derive(Debug)]
pub struct Row {
    /// The id that it is to have, if the operator says one.
    pub account_id: Option<Uuid>,
    /// The user name.
    pub username: Option<Username>,
    /// The address.
    pub email: Option<Email>,
    /// Whether somebody has proved it.
    pub email_verified: bool,
    /// The number.
    pub phone: Option<Phone>,
    /// The name.
    pub full_name: Option<FullName>,
    /// The date of birth.
    pub birth_date: Option<BirthDate>,
    /// The language of mails.
    pub locale: Locale,
    /// The role; the realm's when there is none.
    pub role: Option<String>,
    /// `Active` or `Suspended`.
    pub state: State,
    /// The name in another system.
    pub external_id: Option<ExternalId>,
    /// Extra attributes that satisfy the realm's schema, as JSON.
    pub attributes: Option<String>,
    /// A hash that may be stored; empty for an account without a password.
    pub password_hash: String,
    /// Whether the password is useless.
    pub password_change_required: bool,
    /// The instant of registration, in milliseconds since 1970, if the operator says one.
    pub created_at: Option<i64>,
}

/// Makes the accounts that can be made, and tells of each its id or why not. All of it is committed before it is told; with
/// `is_rehearsal` nothing is.
///
/// Refusals of a row: `USERNAME_TAKEN`, `EMAIL_TAKEN`, `PHONE_TAKEN`, `EXTERNAL_ID_TAKEN`, `INVALID_FIELD` for an id that is
/// taken. Refusals of all: `DEPENDENCY_UNAVAILABLE`, `CONFLICT`.
pub async fn import_accounts(
    app: &App,
    call: &Call,
    realm: &Arc<Realm>,
    rows: Vec<Row>,
    is_rehearsal: bool,
) -> Result<Vec<Result<Uuid>>> {
    let drafts: Vec<account::Model> = rows.into_iter().map(|row| draft(app, realm, row)).collect();
    // One id may have been given to two rows, of which only the first is to be made.
    let mut ids = HashSet::new();
    let is_first: Vec<bool> = drafts.iter().map(|draft| ids.insert(draft.id)).collect();
    let first = drafts
        .iter()
        .zip(&is_first)
        .filter(|(_, is_first)| **is_first);
    let first: Vec<account::Model> = first.map(|(draft, _)| draft.clone()).collect();
    let free = store::retrying(Error::met_another, || {
        together(app, call, realm, first.clone(), is_rehearsal)
    })
    .await?;
    let mut results = Vec::with_capacity(drafts.len());
    for (draft, is_first) in drafts.into_iter().zip(is_first) {
        results.push(if is_first && free.contains(&draft.id) {
            Ok(draft.id)
        } else if !is_first {
            Err(id_taken())
        } else {
            let done = store::retrying(Error::met_another, || {
                alone(app, call, realm, &draft, is_rehearsal)
            })
            .await;
            match done {
                Err(fault @ (Error::DependencyUnavailable { .. } | Error::Internal(_))) => {
                    return Err(fault);
                }
                done => done.map(|()| draft.id),
            }
        });
    }
    Ok(results)
}

fn id_taken() -> Error {
    Error::field("account_id", "TAKEN", "is another account's")
}

/// Notes that an operator begins to bring accounts in, or to try whether they could be. Each account that is made has an event of
/// its own.
pub async fn note_import(app: &App, call: &Call, realm: &Realm, is_rehearsal: bool) -> Result<()> {
    let what = if is_rehearsal {
        "to validate"
    } else {
        "to keep"
    };
    let trail = Trail {
        realm: realm.name().to_owned(),
        detail: Some(what.to_owned()),
        ..Trail::default()
    };
    audit::allowed(app, &app.db, call, Action::ImportAccounts, &trail).await
}

/// Makes all that meet no other account. Returns their ids.
async fn together(
    app: &App,
    call: &Call,
    realm: &Realm,
    drafts: Vec<account::Model>,
    is_rehearsal: bool,
) -> Result<HashSet<Uuid>> {
    if drafts.is_empty() {
        return Ok(HashSet::new());
    }
    let tx = store::begin(&app.db).await?;
    let ids = account::Entity::add_free(&tx, drafts).await?;
    let events = ids.iter().map(|id| event(app, call, realm, *id)).collect();
    finish(tx, events, is_rehearsal).await?;
    Ok(ids.into_iter().collect())
}

/// Makes one that meets another account, if that is a registration which has to give way.
async fn alone(
    app: &App,
    call: &Call,
    realm: &Realm,
    draft: &account::Model,
    is_rehearsal: bool,
) -> Result<()> {
    let tx = store::begin(&app.db).await?;
    let stale_before = app.clock.now() - realm.rules.registration_lifetime;
    // Who has proved an address owns it.
    let proved = draft.email_canonical.as_deref();
    account::Entity::give_way(
        &tx,
        realm.name(),
        proved.filter(|_| draft.email_verified),
        draft.username_canonical.as_deref(),
        stale_before.millis(),
    )
    .await?;
    let same_id = account::Entity::find_by_id(draft.id).one(&tx).await?;
    if same_id.is_some() {
        return Err(id_taken());
    }
    refuse_taken(&tx, realm, draft).await?;
    account::Entity::insert(draft.clone().into_active_model().reset_all())
        .exec_without_returning(&tx)
        .await?;
    let events = vec![event(app, call, realm, draft.id)];
    finish(tx, events, is_rehearsal).await
}

/// Refuses an account that meets another one: both engines then tell of the same name, where several are taken.
async fn refuse_taken(tx: &Transaction, realm: &Realm, draft: &account::Model) -> Result<()> {
    let names = [
        (
            draft.username_canonical.clone().map(Name::Username),
            Error::UsernameTaken,
        ),
        (
            draft.email_canonical.clone().map(Name::Email),
            Error::EmailTaken,
        ),
        (
            draft.phone_canonical.clone().map(Name::Phone),
            Error::PhoneTaken,
        ),
    ];
    for (name, taken) in names {
        let Some(name) = name else { continue };
        let holder = account::Entity::find_by_name(tx, realm.name(), &name).await?;
        if holder.is_some() {
            return Err(taken);
        }
    }
    Ok(())
}

async fn finish(
    tx: Transaction,
    events: Vec<audit_event::Model>,
    is_rehearsal: bool,
) -> Result<()> {
    if is_rehearsal || events.is_empty() {
        // What is dropped is rolled back.
        return Ok(());
    }
    audit_event::Entity::add_all(&tx, events).await?;
    Ok(tx.commit().await?)
}

fn event(app: &App, call: &Call, realm: &Realm, account_id: Uuid) -> audit_event::Model {
    let trail = Trail {
        realm: realm.name().to_owned(),
        account_id: Some(account_id),
        ..Trail::default()
    };
    audit::permission(app, call, Action::ImportAccounts, &trail)
}

fn draft(app: &App, realm: &Realm, row: Row) -> account::Model {
    let now = app.clock.now();
    account::Model {
        id: row.account_id.unwrap_or_else(|| app.random.id(now)),
        realm: realm.name().to_owned(),
        username: row.username.as_ref().map(|it| it.typed().to_owned()),
        username_canonical: row.username.as_ref().map(|it| it.canonical().to_owned()),
        email: row.email.as_ref().map(|it| it.typed().to_owned()),
        email_canonical: row.email.as_ref().map(|it| it.canonical().to_owned()),
        email_verified: row.email_verified && row.email.is_some(),
        pending_email: None,
        pending_email_canonical: None,
        phone: row.phone.as_ref().map(|it| it.typed().to_owned()),
        phone_canonical: row.phone.as_ref().map(|it| it.canonical().to_owned()),
        full_name: row.full_name.as_ref().map(|it| it.as_str().to_owned()),
        birth_date: row.birth_date.as_ref().map(ToString::to_string),
        locale: row.locale.as_str().to_owned(),
        role: row.role.unwrap_or_else(|| realm.rules.default_role.clone()),
        state: row.state,
        external_id: row.external_id.as_ref().map(|it| it.as_str().to_owned()),
        attributes: row.attributes,
        password_hash: row.password_hash,
        credentials_version: 1,
        version: 1,
        created_at: row.created_at.unwrap_or(now.millis()),
        updated_at: now.millis(),
        picture_id: None,
        picture_type: None,
        picture_width: None,
        picture_height: None,
        picture_size: None,
        picture_at: None,
        password_change_required: row.password_change_required,
    }
}
