//! Exchanging a refresh token for the next pair.

use std::{sync::Arc, time::Duration};

use sea_orm::ConnectionTrait;
use tokio::time::timeout;

use super::{
    open::{self, Tokens},
    refresh_token::{self, RefreshToken},
};
use crate::{
    accounts::{Principal, revocation},
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    backend::{Timestamp, kv::Mark},
    error::{Error, Result},
    faults::Bug,
    metrics, replay,
    store::{
        self, account,
        session::{self, Rotation},
    },
};

/// How long after a rotation its predecessor still gets the same successor, even if that has been used already: the
/// tabs of one browser refresh at the same moment, and none of them is a thief.
const GRACE: Duration = Duration::from_secs(10);

/// How long it is looked, before a session is ended for theft, whether the caller is still there.
const FAREWELL: Duration = Duration::from_millis(100);

/// Exchanges a refresh token for the next pair.
///
/// A session has one live branch (I9): the live token moves it on; its predecessor gets the same successor again while
/// that is unused, so that a lost answer costs nothing; any older one, or the predecessor of a used one, ends it.
///
/// Refusals: `REFRESH_TOKEN_INVALID`, `REFRESH_TOKEN_EXPIRED`, `REFRESH_TOKEN_REUSED`, `ACCOUNT_SUSPENDED`.
pub async fn refresh(app: &App, call: &Call, token: &str) -> Result<Tokens> {
    let mut trail = Trail::default();
    let done = decide(app, call, token, &mut trail).await;
    audit::refused(app, call, Action::Refresh, &trail, done).await
}

async fn decide(app: &App, call: &Call, token: &str, trail: &mut Trail) -> Result<Tokens> {
    let token = RefreshToken::parse(token).ok_or(Error::RefreshTokenInvalid)?;
    let first = genuine(app, &token).await?;
    if !call.takes(first.realm.name()) {
        return Err(Error::RefreshTokenInvalid);
    }
    *trail = first.trail();
    match attempt(app, call, &token, &first).await {
        // Another refresh moved the session on: from there, this token is the predecessor.
        Err(Error::Conflict) => {
            store::retrying(Error::met_another, || again(app, call, &token)).await
        }
        done => done,
    }
}

async fn again(app: &App, call: &Call, token: &RefreshToken) -> Result<Tokens> {
    attempt(app, call, token, &genuine(app, token).await?).await
}

async fn attempt(app: &App, call: &Call, token: &RefreshToken, holder: &Holder) -> Result<Tokens> {
    let now = app.clock.now();
    let session = &holder.session;
    if session.idle_expires_at <= now.millis() {
        return Err(Error::RefreshTokenExpired);
    }
    match holder.state {
        account::State::Active => {}
        account::State::Suspended => return Err(Error::AccountSuspended),
        account::State::Pending => return Err(Error::RefreshTokenInvalid),
    }
    let behind = session.generation - i64::from(token.generation);
    let rotated_at = Timestamp::from_millis(session.refreshed_at);
    let is_lost_answer = behind == 1
        && (session.seen_generation < session.generation || now < rotated_at + GRACE)
        && !app.faults.has(Bug::LostAnswerIsTheft);
    match behind {
        0 => rotate(app, call, holder, now).await,
        1.. if is_lost_answer || app.faults.has(Bug::ReuseIsForgiven) => {
            let tokens = open::tokens(app, &holder.realm, session)?;
            let tx = store::begin(&app.db).await?;
            finish(app, &tx, call, holder, &tokens).await?;
            tx.commit().await?;
            Ok(tokens)
        }
        // A generation that is still to come: the database is older than the token.
        ..0 => Err(Error::RefreshTokenInvalid),
        _ => {
            // The call itself may have moved the session on, delivered a second time.
            if let Some(tokens) = replay::find(app, call).await? {
                return Ok(tokens);
            }
            let id = session.id;
            // Its client has asked again meanwhile, and gone on with what it got: a call that stood still for long, here or
            // in a buffer, is no thief's. The event is written all the same: nobody tries tokens unseen.
            if has_gone(call).await {
                tracing::warn!(session = %id, "an old refresh token, of a client that has left: nothing is ended");
                return Err(Error::RefreshTokenReused);
            }
            if session::Entity::end(&app.db, session.account_id, &[id]).await? > 0 {
                metrics::refresh_reused();
            }
            let (realm, account_id) = (&holder.realm, session.account_id);
            revocation::announce(app, realm, account_id, &[id], Mark::Revoked).await;
            Err(Error::RefreshTokenReused)
        }
    }
}

/// Whether its client has left. That it has may lie in the same buffer as its call, so it is given time to be read.
async fn has_gone(call: &Call) -> bool {
    timeout(FAREWELL, call.gone.cancelled()).await.is_ok()
}

async fn rotate(app: &App, call: &Call, holder: &Holder, now: Timestamp) -> Result<Tokens> {
    let mut next = holder.session.clone();
    next.generation += 1;
    let expires_at = Timestamp::from_millis(next.expires_at);
    let idle_expires_at = (now + holder.realm.rules.refresh_idle).min(expires_at);
    let tokens = open::tokens(app, &holder.realm, &next)?;
    let rotation = Rotation {
        id: next.id,
        generation: holder.session.generation,
        at: now.millis(),
        idle_expires_at: idle_expires_at.millis(),
    };
    // Without an answer to keep, it may be a single statement.
    if call.named.is_none() {
        let event = audit::permission(app, call, Action::Refresh, &holder.trail());
        match session::Entity::rotate_with_event(&app.db, rotation, event).await? {
            Some(true) => return Ok(tokens),
            Some(false) => return Err(Error::Conflict),
            None => {}
        }
    }
    let tx = store::begin(&app.db).await?;
    if !session::Entity::rotate(&tx, rotation).await? {
        return Err(Error::Conflict);
    }
    finish(app, &tx, call, holder, &tokens).await?;
    tx.commit().await?;
    Ok(tokens)
}

/// What every pair leaves behind, in the transaction that it is given in.
async fn finish(
    app: &App,
    tx: &impl ConnectionTrait,
    call: &Call,
    holder: &Holder,
    tokens: &Tokens,
) -> Result<()> {
    audit::allowed(app, tx, call, Action::Refresh, &holder.trail()).await?;
    replay::keep(app, tx, call, tokens).await
}

/// Who holds a refresh token.
#[derive(Debug)]
pub(super) struct Holder {
    /// The population.
    pub(super) realm: Arc<Realm>,
    /// The session that the token belongs to.
    pub(super) session: session::Model,
    state: account::State,
}

impl Holder {
    /// What an audit event says of the holder.
    pub(super) fn trail(&self) -> Trail {
        Trail {
            realm: self.realm.name().to_owned(),
            account_id: Some(self.session.account_id),
            session_id: Some(self.session.id),
            detail: None,
        }
    }
}

impl From<Principal> for Holder {
    fn from(principal: Principal) -> Self {
        Self {
            realm: principal.realm,
            session: principal.session,
            state: principal.account.state,
        }
    }
}

/// Who holds a refresh token that is live or was.
///
/// Refusals: `REFRESH_TOKEN_INVALID`.
pub(super) async fn holder(app: &App, token: &str) -> Result<Holder> {
    let token = RefreshToken::parse(token).ok_or(Error::RefreshTokenInvalid)?;
    genuine(app, &token).await
}

async fn genuine(app: &App, token: &RefreshToken) -> Result<Holder> {
    let found = session::Entity::find_refreshable(&app.db, token.session).await?;
    let found = found.ok_or(Error::RefreshTokenInvalid)?;
    let session = found.session;
    let nonce = refresh_token::nonce(&session.nonce).ok_or(Error::RefreshTokenInvalid)?;
    app.keys.learn(&session.secret_id).await;
    if !token.is_genuine(&app.keys, &session.secret_id, nonce) {
        return Err(Error::RefreshTokenInvalid);
    }
    let realm = app.served(&found.realm).ok_or(Error::RefreshTokenInvalid)?;
    Ok(Holder {
        realm,
        session,
        state: found.state,
    })
}
