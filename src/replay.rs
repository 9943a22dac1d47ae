//! What a named call was answered: kept in the transaction of what the call changed, so that it is there exactly when
//! the change is.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    app::{App, Call},
    error::{Error, Result},
    store::reply,
};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_mins(10);

/// The name that a client gave to its call, and what the name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The method and the client's id.
    pub key: String,
    /// The digest of the request and of who sends it. It is kept inside the sealed answer: the request may hold a
    /// password, which could be guessed from a bare digest without the cost of a password hash.
    pub fingerprint: [u8; 32],
    /// Whether the answer is for the session that asks, as long as it lives.
    pub is_for_session: bool,
}

/// Keeps what a named call is going to be answered, sealed, for ten minutes; nothing for a call without a name. It is
/// the last statement before the commit.
///
/// Refusals: `REQUEST_ID_REUSED` when the same name was answered meanwhile, so that nothing else of the transaction
/// must be committed.
pub async fn keep(
    app: &App,
    tx: &impl ConnectionTrait,
    call: &Call,
    outcome: &impl Serialize,
) -> Result<()> {
    let Some(name) = &call.named else {
        return Ok(());
    };
    let mut plain = Zeroizing::new(name.fingerprint.to_vec());
    serde_json::to_writer(&mut *plain, outcome)
        .map_err(|error| Error::Internal(format!("answer to keep: {error}")))?;
    let now = app.clock.now();
    let row = reply::Model {
        key: name.key.clone(),
        answer: app.keys.seal(&plain, name.key.as_bytes()),
        expires_at: (now + KEPT).millis(),
    };
    if reply::Entity::keep(tx, row, now.millis()).await? {
        Ok(())
    } else {
        Err(Error::RequestIdReused)
    }
}

/// Refuses to go on with a call whose name was answered meanwhile: for what cannot be rolled back, behind a lock that two
/// deliveries meet in.
///
/// Refusals: `REQUEST_ID_REUSED`.
pub async fn refuse_repeated(app: &App, tx: &impl ConnectionTrait, call: &Call) -> Result<()> {
    if is_answered(app, tx, call).await? {
        Err(Error::RequestIdReused)
    } else {
        Ok(())
    }
}

/// Whether a call's name was answered, by whichever delivery; never for a call without a name.
pub async fn is_answered(app: &App, db: &impl ConnectionTrait, call: &Call) -> Result<bool> {
    let Some(name) = &call.named else {
        return Ok(false);
    };
    let now = app.clock.now().millis();
    let kept = reply::Entity::find_live(db, &name.key, now).await?;
    Ok(kept.is_some())
}

/// What a named call was answered before, if it was.
///
/// An answer that cannot be read any more (its secret is gone, or its form) is neither told nor taken for none: without
/// it, the call would be refused for what it has done itself.
///
/// Refusals: `REQUEST_ID_REUSED` for another request under the name, `DEPENDENCY_UNAVAILABLE`.
pub async fn find<O: DeserializeOwned>(app: &App, call: &Call) -> Result<Option<O>> {
    let Some(name) = &call.named else {
        return Ok(None);
    };
    let now = app.clock.now().millis();
    let Some(row) = reply::Entity::find_live(&app.db, &name.key, now).await? else {
        return Ok(None);
    };
    app.keys.learn_sealed(&row.answer).await;
    let plain = app.keys.open(&row.answer, name.key.as_bytes());
    let plain = Zeroizing::new(plain.ok_or_else(|| unreadable("its secret is gone"))?);
    let Some((fingerprint, outcome)) = plain.split_first_chunk::<32>() else {
        return Err(unreadable("it is too short"));
    };
    if *fingerprint != name.fingerprint {
        return Err(Error::RequestIdReused);
    }
    match serde_json::from_slice(outcome) {
        Ok(outcome) => Ok(Some(outcome)),
        Err(_) => Err(unreadable("another version wrote it")),
    }
}

fn unreadable(cause: &'static str) -> Error {
    tracing::warn!(cause, "a kept answer cannot be read");
    Error::DependencyUnavailable {
        dependency: "replies",
    }
}
