//! WHO is calling: the access token, its session and its account.

use std::time::Duration;

use uuid::Uuid;

use super::token;
use crate::{
    accounts::{Principal, revocation},
    app::{App, Call, Realm},
    backend::kv::Mark,
    error::{Error, Result},
    metrics::{self, Check, KvOperation},
    store::{account, session},
};

/// How long the key-value store may take to say that a session is revoked, before SQL is asked without it.
const MARK_WAIT: Duration = Duration::from_millis(50);

/// Tells who is calling.
///
/// A mark in the key-value store refuses at once. Its absence is no permission: the session and the account are read in
/// one statement, which the operation needs anyway, so that nothing revoked is accepted whatever the store forgets (I1).
///
/// Refusals: `TOKEN_MISSING`, `TOKEN_INVALID`, `TOKEN_EXPIRED`, `TOKEN_REVOKED`, `ACCOUNT_SUSPENDED`,
/// `ACCOUNT_DELETED`.
pub async fn authenticate(app: &App, call: &Call) -> Result<Principal> {
    let bearer = call.bearer.as_deref().ok_or(Error::TokenMissing)?;
    let now = app.clock.now();
    let claims = token::verify(&app.keys, bearer, &app.tokens, now)?;
    let realm = app
        .realms
        .get(&claims.realm)
        .filter(|_| call.takes(&claims.realm))
        .cloned()
        .ok_or(Error::TokenInvalid)?;
    match mark_of(app, claims.sid).await {
        Some(Mark::Revoked) => return Err(Error::TokenRevoked),
        Some(Mark::Deleted) => return Err(Error::AccountDeleted),
        None => {}
    }
    let found = session::Entity::find_with_account(&app.db, claims.sid).await?;
    let Some((session, account)) = found else {
        return Err(ended(app, &realm, &claims).await?);
    };
    let is_of_token = account.id == claims.sub && account.realm == claims.realm;
    if !is_of_token || session.idle_expires_at <= now.millis() {
        return Err(Error::TokenRevoked);
    }
    match account.state {
        account::State::Active => {}
        account::State::Suspended => return Err(Error::AccountSuspended),
        account::State::Pending => return Err(Error::TokenRevoked),
    }
    note_seen(app, &session, claims.generation).await?;
    Ok(Principal {
        realm,
        account,
        session,
    })
}

/// The mark of a session, as far as the key-value store tells.
async fn mark_of(app: &App, session: Uuid) -> Option<Mark> {
    let answer = tokio::time::timeout(MARK_WAIT, app.kv.find_revoked(session)).await;
    if answer.is_err() {
        metrics::kv_unanswered(KvOperation::FindRevoked);
    }
    let Ok(Ok(mark)) = answer else {
        tracing::debug!("no word on revocation: SQL decides alone");
        metrics::revocation_checked(Check::SqlAlone);
        return None;
    };
    metrics::revocation_checked(match mark {
        Some(_) => Check::Mark,
        None => Check::Sql,
    });
    mark
}

/// Why a well-signed token has no session, and puts back the mark that was lost.
async fn ended(app: &App, realm: &Realm, claims: &token::Claims) -> Result<Error> {
    let account = account::Entity::find_in_realm(&app.db, realm.name(), claims.sub).await?;
    let (mark, error) = if account.is_some() {
        (Mark::Revoked, Error::TokenRevoked)
    } else {
        (Mark::Deleted, Error::AccountDeleted)
    };
    revocation::restore(app, realm, claims.sid, mark).await;
    Ok(error)
}

/// The first use of a new generation's token shows that the answer with it arrived, so that its predecessor is done.
async fn note_seen(app: &App, session: &session::Model, generation: u32) -> Result<()> {
    let generation = i64::from(generation);
    if generation > session.seen_generation && generation == session.generation {
        session::Entity::note_seen(&app.db, session.id, generation).await?;
    }
    Ok(())
}
