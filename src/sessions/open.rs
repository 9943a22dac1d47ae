//! Opening a session and making its tokens.

use sea_orm::ConnectionTrait;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    refresh_token,
    token::{self, Claims},
};
use crate::{
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    backend::Timestamp,
    error::{Error, Result},
    store::{account, session},
};

/// A pair of tokens and when each stops working.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// When it stops working.
    pub access_expires_at: Timestamp,
    /// The refresh token; empty where only an access token is given.
    pub refresh: String,
    /// When the session ends whatever is refreshed.
    pub session_expires_at: Timestamp,
    /// The session.
    pub session_id: Uuid,
}

/// A new session, and the ones that had to end for it.
#[derive(Debug)]
pub struct Opened {
    /// Its tokens.
    pub tokens: Tokens,
    /// Sessions over the realm's cap, to be marked as revoked after the commit.
    pub ended: Vec<Uuid>,
}

/// Opens a session in a transaction that holds the account's lock, and leaves the event of it. The oldest sessions over the
/// cap end (TK-19).
pub async fn open(
    app: &App,
    tx: &impl ConnectionTrait,
    call: &Call,
    realm: &Realm,
    account: &account::Model,
    action: Action,
    trail: &mut Trail,
) -> Result<Opened> {
    let now = app.clock.now();
    let rules = &realm.rules;
    let expires_at = now + rules.refresh_absolute;
    let idle_expires_at = (now + rules.refresh_idle).min(expires_at);
    let row = session::Model {
        id: app.random.id(now),
        account_id: account.id,
        created_at: now.millis(),
        refreshed_at: now.millis(),
        idle_expires_at: idle_expires_at.millis(),
        expires_at: expires_at.millis(),
        generation: 0,
        seen_generation: 0,
        nonce: app.random.bytes::<32>().to_vec(),
        secret_id: app.keys.secret_id(),
        peer_address: call.peer.to_string(),
        user_agent: call.user_agent.clone(),
    };
    let tokens = tokens(app, realm, &row)?;
    trail.session_id = Some(row.id);
    let event = audit::permission(app, call, action, trail);
    let keep = rules.session_cap.saturating_sub(1);
    let ended = session::Entity::open(tx, row, keep, event).await?;
    Ok(Opened { tokens, ended })
}

/// Both tokens of the session's live generation.
pub fn tokens(app: &App, realm: &Realm, row: &session::Model) -> Result<Tokens> {
    let generation = u32::try_from(row.generation)
        .map_err(|_| Error::Internal(format!("session {} has no generation", row.id)))?;
    let refresh = refresh_token::nonce(&row.nonce)
        .and_then(|nonce| {
            refresh_token::issue(&app.keys, &row.secret_id, row.id, generation, nonce)
        })
        .ok_or_else(|| Error::Internal(format!("secret {} is gone", row.secret_id)))?;
    Ok(Tokens {
        refresh: refresh.expose_secret().to_owned(),
        ..access(app, realm, row)?
    })
}

/// An access token of the session's live generation, without a refresh token.
pub fn access(app: &App, realm: &Realm, row: &session::Model) -> Result<Tokens> {
    let now = app.clock.now();
    let session_expires_at = Timestamp::from_millis(row.expires_at);
    let policy = app.policy.load();
    let expires_at = (now + realm.rules.access_lifetime).min(session_expires_at);
    let claims = Claims {
        iss: policy.tokens.issuer.clone(),
        aud: policy.tokens.audience.clone(),
        client_id: token::CLIENT_ID.to_owned(),
        sub: row.account_id,
        sid: row.id,
        realm: realm.name().to_owned(),
        jti: app.random.id(now),
        iat: now.seconds(),
        exp: expires_at.seconds(),
        generation: u32::try_from(row.generation)
            .map_err(|_| Error::Internal(format!("session {} has no generation", row.id)))?,
    };
    let access = token::sign(&app.keys, &claims)
        .map_err(|error| Error::Internal(format!("signing: {error}")))?;
    Ok(Tokens {
        access,
        access_expires_at: Timestamp::from_millis(claims.exp.saturating_mul(1000)),
        refresh: String::new(),
        session_expires_at,
        session_id: row.id,
    })
}
