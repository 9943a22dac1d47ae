//! Whether the owner is at the keyboard.

use super::{
    Principal,
    fields::Password,
    limit::{self, Attempts},
    password::Verdict,
};
use crate::{
    app::{App, Call},
    backend::Timestamp,
    config::Reauthentication,
    error::{Error, Result},
};

/// Whether the call proved a password, beside its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proved {
    /// The current password came along and is right.
    Password,
    /// The login is recent enough for the realm.
    RecentLogin,
    /// Nothing was asked for and nothing was given.
    Nothing,
}

/// What a change wants of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    Plain,
    /// The address or the phone changes.
    Address,
    /// The password changes, and with it perhaps the address.
    Password,
}

/// Takes the proof that a sensitive change needs. A password that is given is looked at even when none is needed.
///
/// Refusals: `CURRENT_PASSWORD_INCORRECT`, `REAUTHENTICATION_REQUIRED`, `RATE_LIMITED`, `OVERLOADED`.
pub(super) async fn reauthenticate(
    app: &App,
    call: &Call,
    principal: &Principal,
    current: Option<Password>,
    change: Change,
) -> Result<Proved> {
    if let Some(password) = current {
        verify(app, call, principal, password).await?;
        return Ok(Proved::Password);
    }
    let rules = &principal.realm.rules;
    match (change, rules.reauthentication) {
        (Change::Plain, _) => Ok(Proved::Nothing),
        (_, Reauthentication::Password)
        | (Change::Password, Reauthentication::RecentLoginForAddress) => {
            Err(Error::CurrentPasswordIncorrect)
        }
        (_, Reauthentication::RecentLogin | Reauthentication::RecentLoginForAddress) => {
            let since = app.clock.now() - Timestamp::from_millis(principal.session.created_at);
            if since <= rules.recent_login {
                Ok(Proved::RecentLogin)
            } else {
                Err(Error::ReauthenticationRequired {
                    max_age: rules.recent_login,
                })
            }
        }
    }
}

/// Looks at the current password, within the same limits as a login (AZ-02).
pub(super) async fn verify(
    app: &App,
    call: &Call,
    principal: &Principal,
    password: Password,
) -> Result<()> {
    let account = &principal.account;
    let attempts = Attempts::of(app, call, &principal.realm, Some(account), "").await?;
    let hash = account.password_hash.clone();
    match app
        .hashing
        .verify(password.clone(), hash, call.deadline)
        .await?
    {
        Verdict::Right => {}
        Verdict::RightButWeak => limit::strengthen(app, account, password).await,
        Verdict::Wrong => return Err(Error::CurrentPasswordIncorrect),
    }
    attempts.forget(app).await;
    Ok(())
}
