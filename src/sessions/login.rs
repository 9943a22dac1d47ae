//! Taking a password, and opening a session or sending the second step's code.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::open::{Tokens, open};
use crate::{
    accounts::{
        fields::Password,
        limit::{self, Attempts},
        password::Verdict,
        revocation,
    },
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    backend::kv::Mark,
    codes::{self, Challenge, Issue, issue::Again, of_account},
    config::LoginSteps,
    error::{Error, Result},
    faults::Bug,
    mails::Purpose,
    replay,
    store::{
        self,
        account::{self, Name, State},
    },
};

/// Who wants to log in.
#[derive(Debug)]
pub struct Input {
    /// The population.
    pub realm: Arc<Realm>,
    /// The account's name in canonical form; none for a text that no account can have as its name.
    pub name: Option<Name>,
    /// The name as typed, for limits on names that nobody has.
    pub typed: String,
    /// The password as sent.
    pub password: Password,
}

/// What a right password gives.
#[derive(Debug, Serialize, Deserialize)]
pub enum LoggedIn {
    /// A session.
    Session(account::Model, Tokens),
    /// A code on its way; it opens the session.
    Pending(account::Model, Challenge),
}

/// Takes a password. Whether the account exists is not to be seen from the time that this takes (EN-01).
///
/// Refusals: `INVALID_CREDENTIALS` (or `ACCOUNT_NOT_FOUND` and `WRONG_PASSWORD`, where the realm discloses accounts),
/// `ACCOUNT_NOT_ACTIVATED`, `ACCOUNT_SUSPENDED`, `PASSWORD_CHANGE_REQUIRED`, `RATE_LIMITED`, `OVERLOADED`, `CODE_QUOTA_EXCEEDED`.
pub async fn login(app: &App, call: &Call, input: Input) -> Result<LoggedIn> {
    let mut trail = Trail {
        realm: input.realm.name().to_owned(),
        ..Trail::default()
    };
    let done = decide(app, call, &input, &mut trail).await;
    audit::refused(app, call, Action::Login, &trail, done).await
}

async fn decide(app: &App, call: &Call, input: &Input, trail: &mut Trail) -> Result<LoggedIn> {
    let realm = &*input.realm;
    // Before anything is asked: of a flood, most is refused, and what that costs is taken from the others.
    app.hashing.admit(call.deadline)?;
    let account = match &input.name {
        Some(name) => account::Entity::find_by_name(&app.db, realm.name(), name)
            .await
            .or_else(|fault| {
                if app.faults.has(Bug::OutageIsAWrongPassword) {
                    Ok(None)
                } else {
                    Err(fault)
                }
            })?,
        None => None,
    };
    trail.account_id = account.as_ref().map(|account| account.id);
    let attempts = Attempts::of(app, call, realm, account.as_ref(), &input.typed).await?;
    let account = prove(app, call, realm, account, input.password.clone()).await?;
    // Only who knows the password is told the state.
    admit(realm, &account)?;
    attempts.forget(app).await;
    store::retrying(Error::met_another, || {
        finish(app, call, realm, &account, trail.clone())
    })
    .await
}

/// The account, if the password is its own. A dummy hash is computed for nobody, at the same cost.
async fn prove(
    app: &App,
    call: &Call,
    realm: &Realm,
    account: Option<account::Model>,
    password: Password,
) -> Result<account::Model> {
    let Some(account) = account else {
        app.hashing.verify_nobody(password, call.deadline).await?;
        return Err(unknown(realm));
    };
    let hash = account.password_hash.clone();
    match app
        .hashing
        .verify(password.clone(), hash, call.deadline)
        .await?
    {
        Verdict::Right => Ok(account),
        Verdict::RightButWeak => {
            limit::strengthen(app, &account, password).await;
            Ok(account)
        }
        Verdict::Wrong => Err(wrong(realm)),
    }
}

/// Nobody has the name, as the realm tells it.
fn unknown(realm: &Realm) -> Error {
    if realm.rules.disclose_accounts {
        Error::AccountNotFound
    } else {
        Error::InvalidCredentials
    }
}

/// The password is not the account's, as the realm tells it.
fn wrong(realm: &Realm) -> Error {
    if realm.rules.disclose_accounts {
        Error::WrongPassword
    } else {
        Error::InvalidCredentials
    }
}

/// Refuses an account that may not log in.
fn admit(realm: &Realm, account: &account::Model) -> Result<()> {
    match account.state {
        State::Active if account.password_change_required => Err(Error::PasswordChangeRequired),
        State::Active => Ok(()),
        // A registration for a taken address stands in for nobody, and must look like one for a free address (EN-02).
        State::Pending if !realm.rules.disclose_accounts => Err(Error::InvalidCredentials),
        State::Pending => Err(Error::AccountNotActivated {
            account_id: account.id,
        }),
        State::Suspended => Err(Error::AccountSuspended),
    }
}

async fn finish(
    app: &App,
    call: &Call,
    realm: &Realm,
    proved: &account::Model,
    mut trail: Trail,
) -> Result<LoggedIn> {
    let tx = store::begin(&app.db).await?;
    let account = account::Entity::lock(&tx, realm.name(), proved.id).await?;
    let account = account.ok_or_else(|| unknown(realm))?;
    // The password was checked before the lock: a change in between makes it yesterday's (PX-10).
    if account.credentials_version != proved.credentials_version
        && !app.faults.has(Bug::OldPasswordWinsTheRace)
    {
        return Err(wrong(realm));
    }
    admit(realm, &account)?;
    if realm.rules.login_steps == LoginSteps::Two {
        let challenge = codes::issue(app, &tx, call, &second_step(realm, &account)).await?;
        let pending = LoggedIn::Pending(account, challenge);
        audit::allowed(app, &tx, call, Action::Login, &trail).await?;
        replay::keep(app, &tx, call, &pending).await?;
        tx.commit().await?;
        app.mail.notify_one();
        return Ok(pending);
    }
    let opened = open(app, &tx, call, realm, &account, Action::Login, &mut trail).await?;
    let session = LoggedIn::Session(account, opened.tokens);
    replay::keep(app, &tx, call, &session).await?;
    tx.commit().await?;
    if !opened.ended.is_empty() {
        revocation::announce(app, realm, proved.id, &opened.ended, Mark::Revoked).await;
    }
    Ok(session)
}

fn second_step<'a>(realm: &'a Realm, account: &'a account::Model) -> Issue<'a> {
    Issue {
        realm,
        purpose: Purpose::Login,
        subject: of_account(account.id),
        account_id: Some(account.id),
        canonical: account.email_canonical.as_deref().unwrap_or_default(),
        address: account.email.as_deref().unwrap_or_default(),
        deliver: true,
        locale: realm.locale_of(account),
        again: Again::Reuse,
    }
}
