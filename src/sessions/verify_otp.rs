//! Taking a code back: activating a registration, finishing a login, confirming a new address.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::open::{Opened, Tokens, open};
use crate::{
    accounts::{self, revocation},
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    backend::kv::Mark,
    codes::{self, Presented, Proof, Subject},
    error::{Error, Result},
    mails::Purpose,
    replay,
    store::{
        self,
        account::{self, State},
    },
};

/// A code that came back.
#[derive(Debug)]
pub struct Input {
    /// The population.
    pub realm: Arc<Realm>,
    /// What the code is to prove.
    pub purpose: Purpose,
    /// Which code it is.
    pub subject: Subject,
    /// Its digits.
    pub digits: String,
    /// The issue, where the caller names it.
    pub challenge_id: Option<Uuid>,
}

/// What a right code gives.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verified {
    /// The account after the change.
    pub account: account::Model,
    /// A session, where the purpose and the realm give one.
    pub tokens: Option<Tokens>,
}

/// Takes a code back.
///
/// Refusals: those of [`codes::check()`], `ACCOUNT_NOT_FOUND`, `ACCOUNT_SUSPENDED`, and `USERNAME_TAKEN`, `EMAIL_TAKEN`,
/// `PHONE_TAKEN`, `EXTERNAL_ID_TAKEN` where somebody else got what a pending account had claimed.
pub async fn verify_otp(app: &App, call: &Call, input: &Input) -> Result<Verified> {
    let mut trail = Trail {
        realm: input.realm.name().to_owned(),
        ..Trail::default()
    };
    let done = decide(app, call, input, &mut trail).await;
    audit::refused(app, call, Action::VerifyOtp, &trail, done).await
}

async fn decide(app: &App, call: &Call, input: &Input, trail: &mut Trail) -> Result<Verified> {
    let presented = Presented {
        realm: &input.realm,
        purpose: input.purpose,
        subject: &input.subject,
        digits: &input.digits,
        challenge_id: input.challenge_id,
    };
    if input.realm.rules.disclose_accounts {
        must_exist(app, input).await?;
    }
    let proof = codes::check(app, &presented).await?;
    trail.account_id = proof.account_id();
    let (verified, ended) = store::retrying(Error::met_another, || {
        attempt(app, call, input, &proof, trail.clone())
    })
    .await?;
    proof.forget(app).await;
    let account_id = verified.account.id;
    revocation::announce(app, &input.realm, account_id, &ended, Mark::Revoked).await;
    app.mail.notify_one();
    Ok(verified)
}

/// Where accounts are disclosed, an unknown one is told as such, before any code of it.
async fn must_exist(app: &App, input: &Input) -> Result<()> {
    let found = codes::find_account(&app.db, &input.realm, &input.subject).await?;
    found.map(drop).ok_or(Error::AccountNotFound)
}

async fn attempt(
    app: &App,
    call: &Call,
    input: &Input,
    proof: &Proof,
    mut trail: Trail,
) -> Result<(Verified, Vec<Uuid>)> {
    let realm = &*input.realm;
    let action = Action::VerifyOtp;
    let tx = store::begin(&app.db).await?;
    // The account before its code, as everywhere: two calls that lock both in another order would wait for each other.
    let account = match proof.account_id() {
        Some(id) => account::Entity::lock(&tx, realm.name(), id).await?,
        None => None,
    };
    proof.consume(&tx, app.clock.now()).await?;
    let (account, opened) = match input.purpose {
        Purpose::Activate => {
            let account = accounts::activate(app, &tx, account, proof).await?;
            let opened = if realm.rules.tokens_after_activation {
                Some(open(app, &tx, call, realm, &account, action, &mut trail).await?)
            } else {
                None
            };
            (account, opened)
        }
        Purpose::Login => {
            let account = may_log_in(account, proof)?;
            let opened = open(app, &tx, call, realm, &account, action, &mut trail).await?;
            (account, Some(opened))
        }
        Purpose::ChangeEmail => {
            let account = accounts::confirm_email(app, &tx, realm, account, proof).await?;
            (account, None)
        }
        Purpose::ProveAddress | Purpose::ResetPassword => {
            return Err(proof.refuse(Error::CodeNotFound));
        }
    };
    if opened.is_none() {
        audit::allowed(app, &tx, call, action, &trail).await?;
    }
    let (tokens, ended) = opened.map_or((None, Vec::new()), |Opened { tokens, ended }| {
        (Some(tokens), ended)
    });
    let verified = Verified { account, tokens };
    replay::keep(app, &tx, call, &verified).await?;
    tx.commit().await?;
    Ok((verified, ended))
}

/// The account that a login code belongs to, if it still may log in.
fn may_log_in(account: Option<account::Model>, proof: &Proof) -> Result<account::Model> {
    let account = account.ok_or_else(|| proof.refuse(Error::CodeNotFound))?;
    match account.state {
        State::Active => Ok(account),
        State::Suspended => Err(Error::AccountSuspended),
        State::Pending => Err(proof.refuse(Error::CodeNotFound)),
    }
}
