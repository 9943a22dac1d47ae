//! Changing what the owner may change.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Principal,
    change_email::{change_email, forget_pending_email, notify},
    fields::{BirthDate, Email, FullName, Password, Phone, Username},
    reauthenticate::{Change, Proved, reauthenticate},
    revocation,
};
use crate::{
    app::{App, Call},
    audit::{self, Action},
    backend::kv::Mark,
    codes::{self, Challenge, Presented, Proof, Subject},
    config::EmailChange,
    error::{Error, Result},
    faults::Bug,
    mails::{Locale, Mail, Purpose},
    replay,
    store::{self, account},
};

/// The new values. The outer `Option` says whether a field changes, the inner one whether it is set or cleared.
#[derive(Debug, Default)]
pub struct Input {
    /// The version that the caller has seen.
    pub etag: Option<String>,
    /// The user name.
    pub username: Option<Option<Username>>,
    /// The email address.
    pub email: Option<Option<Email>>,
    /// The phone number.
    pub phone: Option<Option<Phone>>,
    /// The name.
    pub full_name: Option<Option<FullName>>,
    /// The date of birth.
    pub birth_date: Option<Option<BirthDate>>,
    /// The language of mails.
    pub locale: Option<Locale>,
    /// Extra attributes, as JSON.
    pub attributes: Option<Option<String>>,
    /// The new password.
    pub password: Option<Password>,
    /// The password so far.
    pub current_password: Option<Password>,
    /// The code sent to the new address, where the realm wants it beforehand.
    pub code: Option<String>,
}

/// The account after the change.
#[derive(Debug, Serialize, Deserialize)]
pub struct Updated<T> {
    /// The account as it is now.
    pub account: account::Model,
    /// The code that a new address waits for.
    pub challenge: Option<Challenge>,
    /// What `fresh` makes, where the caller proved the password or set a new one.
    pub fresh: Option<T>,
}

/// Changes the caller's account, all of it or nothing. `fresh` makes the tokens for who proved the password: they belong
/// to the answer that is kept.
///
/// Refusals: `ETAG_MISMATCH`, `CURRENT_PASSWORD_INCORRECT`, `REAUTHENTICATION_REQUIRED`, `USERNAME_TAKEN`,
/// `EMAIL_TAKEN`, `PHONE_TAKEN`, `CODE_REQUIRED`, those of [`codes::check()`] and of [`codes::issue()`].
pub async fn update<T: Clone + Serialize>(
    app: &App,
    call: &Call,
    principal: &Principal,
    input: Input,
    fresh: impl FnOnce() -> Result<T>,
) -> Result<Updated<T>> {
    let done = decide(app, call, principal, input, fresh).await;
    audit::refused(app, call, Action::Update, &principal.trail(), done).await
}

async fn decide<T: Clone + Serialize>(
    app: &App,
    call: &Call,
    principal: &Principal,
    mut input: Input,
    fresh: impl FnOnce() -> Result<T>,
) -> Result<Updated<T>> {
    drop_unchanged(&principal.account, &mut input);
    let change = if input.password.is_some() {
        Change::Password
    } else if input.email.is_some() || input.phone.is_some() {
        Change::Address
    } else {
        Change::Plain
    };
    let current = input.current_password.take();
    let proved = reauthenticate(app, call, principal, current, change).await?;
    let proof = prove_address(app, principal, &input).await?;
    let hash = match &input.password {
        Some(password) => Some(app.hashing.hash(password.clone(), call.deadline).await?),
        None => None,
    };
    let fresh = if proved == Proved::Password || hash.is_some() {
        Some(fresh()?)
    } else {
        None
    };
    let proofs = Proofs {
        address: proof.as_ref(),
        hash: hash.as_ref(),
        fresh: &fresh,
    };
    let (updated, ended) = store::retrying(Error::met_another, || {
        attempt(app, call, principal, &input, &proofs)
    })
    .await?;
    if let Some(proof) = &proof {
        proof.forget(app).await;
    }
    let account_id = principal.account.id;
    revocation::announce(app, &principal.realm, account_id, &ended, Mark::Revoked).await;
    app.mail.notify_one();
    Ok(updated)
}

/// Forgets what would stay as it is: an address that is sent along unchanged needs no code and no password.
fn drop_unchanged(account: &account::Model, input: &mut Input) {
    let same = |new: Option<&str>, old: Option<&String>| new == old.map(String::as_str);
    if let Some(email) = &input.email
        && same(email.as_ref().map(Email::typed), account.email.as_ref())
    {
        input.email = None;
    }
    if let Some(phone) = &input.phone
        && same(phone.as_ref().map(Phone::typed), account.phone.as_ref())
    {
        input.phone = None;
    }
}

/// The proof of the new address, where the realm wants it beforehand.
async fn prove_address(app: &App, principal: &Principal, input: &Input) -> Result<Option<Proof>> {
    let Some(Some(email)) = &input.email else {
        return Ok(None);
    };
    if principal.realm.rules.email_change != EmailChange::CodeBefore {
        return Ok(None);
    }
    let digits = input.code.as_deref().ok_or(Error::CodeRequired)?;
    let presented = Presented {
        realm: &principal.realm,
        purpose: Purpose::ProveAddress,
        subject: &Subject::Address(email.canonical().to_owned()),
        digits,
        challenge_id: None,
    };
    codes::check(app, &presented).await.map(Some)
}

/// What was proved before the transaction, and what follows from it.
struct Proofs<'a, T> {
    address: Option<&'a Proof>,
    hash: Option<&'a String>,
    fresh: &'a Option<T>,
}

/// The change, and the sessions that it ended.
async fn attempt<T: Clone + Serialize>(
    app: &App,
    call: &Call,
    principal: &Principal,
    input: &Input,
    proofs: &Proofs<'_, T>,
) -> Result<(Updated<T>, Vec<Uuid>)> {
    let realm = &*principal.realm;
    let now = app.clock.now();
    let tx = store::begin(&app.db).await?;
    let account = account::Entity::lock(&tx, realm.name(), principal.account.id)
        .await?
        .ok_or(Error::AccountDeleted)?;
    check_version(input, principal, &account)?;
    principal.require_live_session(&tx, now).await?;
    if let Some(proof) = proofs.address {
        proof.consume(&tx, now).await?;
    }
    let mut active = account.clone().into_active_model();
    apply_plain(&mut active, input);
    active.version = Set(account.version + 1);
    active.updated_at = Set(now.millis());
    let mut ended = Vec::new();
    if let Some(hash) = proofs.hash {
        active.password_hash = Set(hash.clone());
        active.credentials_version = Set(account.credentials_version + 1);
        codes::kill(&tx, &account, now).await?;
        forget_pending_email(&mut active);
        if !app.faults.has(Bug::SessionsOutliveThePassword) {
            ended = revocation::end_others(&tx, account.id, Some(principal.session.id)).await?;
        }
        notify(app, &tx, principal, &account, &Mail::PasswordChanged).await?;
    }
    if input.username.is_some() {
        notify(app, &tx, principal, &account, &Mail::UsernameChanged).await?;
    }
    let challenge = match &input.email {
        Some(email) => {
            let email = email.as_ref();
            change_email(app, &tx, call, principal, &account, &mut active, email).await?
        }
        None => None,
    };
    let updated = Updated {
        account: active.update(&tx).await?,
        challenge,
        fresh: proofs.fresh.clone(),
    };
    audit::allowed(app, &tx, call, Action::Update, &principal.trail()).await?;
    replay::keep(app, &tx, call, &updated).await?;
    tx.commit().await?;
    Ok((updated, ended))
}

/// The password was looked at before the lock, so it must still be the one that was looked at.
fn check_version(input: &Input, principal: &Principal, account: &account::Model) -> Result<()> {
    let etag = account.version.to_string();
    if input.etag.as_ref().is_some_and(|seen| *seen != etag) {
        return Err(Error::EtagMismatch { etag });
    }
    if account.state != account::State::Active {
        return Err(Error::AccountSuspended);
    }
    if account.credentials_version != principal.account.credentials_version {
        return Err(Error::TokenRevoked);
    }
    Ok(())
}

fn apply_plain(active: &mut account::ActiveModel, input: &Input) {
    if let Some(username) = &input.username {
        active.username = Set(username.as_ref().map(|it| it.typed().to_owned()));
        active.username_canonical = Set(username.as_ref().map(|it| it.canonical().to_owned()));
    }
    if let Some(phone) = &input.phone {
        active.phone = Set(phone.as_ref().map(|it| it.typed().to_owned()));
        active.phone_canonical = Set(phone.as_ref().map(|it| it.canonical().to_owned()));
    }
    if let Some(full_name) = &input.full_name {
        active.full_name = Set(full_name.as_ref().map(|it| it.as_str().to_owned()));
    }
    if let Some(birth_date) = &input.birth_date {
        active.birth_date = Set(birth_date.as_ref().map(ToString::to_string));
    }
    if let Some(locale) = input.locale {
        active.locale = Set(locale.as_str().to_owned());
    }
    if let Some(attributes) = &input.attributes {
        active.attributes = Set(attributes.clone());
    }
}
