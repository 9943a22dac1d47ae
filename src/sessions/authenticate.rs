//! WHO is calling: the access token, its session and its account.

use std::{pin::pin, sync::Arc};

use futures_util::future::{Either, select};
use tokio::time::Instant;

use super::token::{self, Claims, TokenFault};
use crate::{
    accounts::{Hearing, Principal, revocation},
    app::{App, Call, Realm},
    backend::{
        Timestamp,
        kv::{Look, Mark},
    },
    error::{Error, Result},
    metrics::{self, Check},
    store::{account, session},
};

/// Tells who is calling, as SQL has it now: for calls that change something.
///
/// A mark in the key-value store refuses at once. Its absence is no permission: the session and the account are read in
/// one statement, which the operation needs anyway, so that nothing revoked is accepted whatever the store forgets (I1).
///
/// Refusals: `TOKEN_MISSING`, `TOKEN_INVALID`, `TOKEN_EXPIRED`, `TOKEN_REVOKED`, `ACCOUNT_SUSPENDED`,
/// `ACCOUNT_DELETED`.
pub async fn authenticate(app: &App, call: &Call) -> Result<Principal> {
    let caller = Caller::of(app, call).await?;
    let look = caller.look(app).await?;
    caller.read(app, look).await
}

/// Tells who is calling, as SQL has it now or had it a moment ago, when nothing of the account has changed since: for
/// calls that only read. The hash of the password is left out.
///
/// Refusals: those of [`authenticate`].
pub async fn recognise(app: &App, call: &Call) -> Result<Arc<Principal>> {
    let caller = Caller::of(app, call).await?;
    let look = caller.look(app).await?;
    if let Some(stamp) = look.and_then(|look| look.stamp)
        && let Some(principal) = app.held.find(caller.claims.sid, stamp)
        && caller.is_as_before(&principal)
    {
        metrics::revocation_checked(Check::Held);
        return Ok(principal);
    }
    // What SQL takes is tens of kilobytes, which a caller who is held must not pay for.
    Box::pin(caller.read_and_hold(app, look)).await
}

/// A call with a token of ours.
struct Caller {
    claims: Arc<Claims>,
    realm: Arc<Realm>,
    now: Timestamp,
}

impl Caller {
    async fn of(app: &App, call: &Call) -> Result<Self> {
        let bearer = call.bearer.as_deref().ok_or(Error::TokenMissing)?;
        let now = app.clock.now();
        let read = || {
            let policy = app.policy.load();
            let known = &app.verified;
            known.claims(&app.keys, bearer, &policy.tokens, now)
        };
        let claims = match read() {
            Err(TokenFault::Invalid) if Box::pin(token::meet(&app.keys, bearer)).await => read(),
            read => read,
        }?;
        let realm = app
            .served(&claims.realm)
            .filter(|_| call.takes(&claims.realm))
            .ok_or(Error::TokenInvalid)?;
        Ok(Self { claims, realm, now })
    }

    /// What the key-value store tells, as far as it does.
    ///
    /// Refusals: `TOKEN_REVOKED`, `ACCOUNT_DELETED` where there is a mark.
    async fn look(&self, app: &App) -> Result<Option<Look>> {
        let Ok(look) = app.kv.look(self.claims.sid, self.claims.sub).await else {
            tracing::debug!("no word on revocation: SQL decides alone");
            return Ok(None);
        };
        let refusal = match look.mark {
            None => return Ok(Some(look)),
            Some(Mark::Revoked) => Error::TokenRevoked,
            Some(Mark::Deleted) => Error::AccountDeleted,
        };
        metrics::revocation_checked(Check::Mark);
        Err(refusal)
    }

    /// Whether SQL, asked again, could say nothing else of the token than it did.
    fn is_as_before(&self, principal: &Principal) -> bool {
        let session = &principal.session;
        principal.account.id == self.claims.sub
            && principal.account.realm == self.claims.realm
            && session.idle_expires_at > self.now.millis()
            // A token of a later generation has to be noted.
            && i64::from(self.claims.generation) <= session.seen_generation
    }

    async fn read(&self, app: &App, look: Option<Look>) -> Result<Principal> {
        metrics::revocation_checked(match look {
            Some(_) => Check::Sql,
            None => Check::SqlAlone,
        });
        let claims = &self.claims;
        let found = session::Entity::find_with_account(&app.db, claims.sid).await?;
        let Some((mut session, account)) = found else {
            return Err(self.ended(app).await?);
        };
        let is_of_token = account.id == claims.sub && account.realm == claims.realm;
        if !is_of_token || session.idle_expires_at <= self.now.millis() {
            return Err(Error::TokenRevoked);
        }
        match account.state {
            account::State::Active => {}
            account::State::Suspended => return Err(Error::AccountSuspended),
            account::State::Pending => return Err(Error::TokenRevoked),
        }
        note_seen(app, &mut session, claims.generation).await?;
        Ok(Principal {
            realm: Arc::clone(&self.realm),
            account,
            session,
        })
    }

    async fn read_and_hold(&self, app: &App, look: Option<Look>) -> Result<Arc<Principal>> {
        let read_at = Instant::now();
        let mut principal = match look {
            Some(Look { stamp: None, .. }) if app.held.hearing() == Hearing::Stamps => {
                self.read_and_stamp(app, look).await?
            }
            _ => self.read(app, look).await?,
        };
        principal.account.password_hash = String::new();
        let principal = Arc::new(principal);
        if let Some(stamp) = look.and_then(|look| look.stamp) {
            app.held.keep(stamp, read_at, &principal);
        }
        Ok(principal)
    }

    /// Lets the account's next callers be held. It is not waited for: without a stamp, SQL is asked.
    async fn read_and_stamp(&self, app: &App, look: Option<Look>) -> Result<Principal> {
        let stamp = pin!(app.kv.stamp(self.claims.sub, app.random.bytes()));
        match select(stamp, pin!(self.read(app, look))).await {
            Either::Left((_, read)) => read.await,
            Either::Right((done, _)) => done,
        }
    }

    /// Why a well-signed token has no session, and puts back the mark that was lost.
    async fn ended(&self, app: &App) -> Result<Error> {
        let (realm, account_id) = (&self.realm, self.claims.sub);
        let account = account::Entity::find_in_realm(&app.db, realm.name(), account_id).await?;
        let (mark, error) = if account.is_some() {
            (Mark::Revoked, Error::TokenRevoked)
        } else {
            (Mark::Deleted, Error::AccountDeleted)
        };
        revocation::restore(app, realm, account_id, self.claims.sid, mark).await;
        Ok(error)
    }
}

/// The first use of a new generation's token shows that the answer with it arrived, so that its predecessor is done.
async fn note_seen(app: &App, session: &mut session::Model, generation: u32) -> Result<()> {
    let generation = i64::from(generation);
    if generation > session.seen_generation && generation == session.generation {
        session::Entity::note_seen(&app.db, session.id, generation).await?;
        session.seen_generation = generation;
    }
    Ok(())
}
