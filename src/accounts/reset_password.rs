//! A new password, by a code to the account's address.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};
use uuid::Uuid;

use super::{
    change_email::forget_pending_email,
    fields::{Email, Password},
    revocation,
};
use crate::{
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    backend::kv::Mark,
    codes::{self, Presented, Proof, Subject},
    error::{Error, Result},
    mails::{Mail, Purpose},
    replay,
    store::{
        self,
        account::{self, State},
    },
};

/// The code and the new password.
#[derive(Debug)]
pub struct Input {
    /// The population.
    pub realm: Arc<Realm>,
    /// The address that the code was sent to.
    pub email: Email,
    /// The digits of the code.
    pub digits: String,
    /// The password from now on.
    pub new_password: Password,
}

/// Sets a new password and ends every session of the account (I8). The address is told.
///
/// Refusals: those of [`codes::check()`], `FEATURE_DISABLED`, `OVERLOADED`.
pub async fn reset_password(app: &App, call: &Call, input: &Input) -> Result<()> {
    let mut trail = Trail {
        realm: input.realm.name().to_owned(),
        ..Trail::default()
    };
    let done = decide(app, call, input, &mut trail).await;
    audit::refused(app, call, Action::ResetPassword, &trail, done).await
}

async fn decide(app: &App, call: &Call, input: &Input, trail: &mut Trail) -> Result<()> {
    if !input.realm.rules.password_reset {
        return Err(Error::FeatureDisabled {
            feature: "password_reset",
        });
    }
    let presented = Presented {
        realm: &input.realm,
        purpose: Purpose::ResetPassword,
        subject: &Subject::Address(input.email.canonical().to_owned()),
        digits: &input.digits,
        challenge_id: None,
    };
    let proof = codes::check(app, &presented).await?;
    trail.account_id = proof.account_id();
    let password = input.new_password.clone();
    let hash = app.hashing.hash(password, call.deadline).await?;
    let ended = store::retrying(Error::met_another, || {
        attempt(app, call, input, &proof, &hash, trail)
    })
    .await?;
    proof.forget(app).await;
    if let Some(id) = proof.account_id() {
        revocation::announce(app, &input.realm, id, &ended, Mark::Revoked).await;
    }
    app.mail.notify_one();
    Ok(())
}

async fn attempt(
    app: &App,
    call: &Call,
    input: &Input,
    proof: &Proof,
    hash: &str,
    trail: &Trail,
) -> Result<Vec<Uuid>> {
    let realm = &*input.realm;
    let now = app.clock.now();
    let tx = store::begin(&app.db).await?;
    let account = match proof.account_id() {
        Some(id) => account::Entity::lock(&tx, realm.name(), id).await?,
        None => None,
    };
    proof.consume(&tx, now).await?;
    let account = account
        .filter(|account| {
            account.state == State::Active
                && account.email_canonical.as_deref() == Some(proof.address())
        })
        .ok_or_else(|| proof.refuse(Error::CodeNotFound))?;
    codes::kill(&tx, &account, now).await?;
    let ended = revocation::end_others(&tx, account.id, None).await?;
    let locale = realm.locale_of(&account);
    let address = account.email.as_deref().unwrap_or_default();
    app.post(&tx, realm.name(), address, locale, &Mail::PasswordReset)
        .await?;
    let mut active = account.clone().into_active_model();
    active.password_hash = Set(hash.to_owned());
    active.credentials_version = Set(account.credentials_version + 1);
    active.password_change_required = Set(false);
    active.email_verified = Set(true);
    forget_pending_email(&mut active);
    active.version = Set(account.version + 1);
    active.updated_at = Set(now.millis());
    active.update(&tx).await?;
    audit::allowed(app, &tx, call, Action::ResetPassword, trail).await?;
    replay::keep(app, &tx, call, &()).await?;
    tx.commit().await?;
    Ok(ended)
}
