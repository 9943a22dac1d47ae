//! The account that is calling.

use std::sync::Arc;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    app::Realm,
    audit::Trail,
    backend::Timestamp,
    error::{Error, Result},
    store::{account, session},
};

/// Who is calling, as SQL said in this very call.
#[derive(Debug)]
pub struct Principal {
    /// The population.
    pub realm: Arc<Realm>,
    /// The account.
    pub account: account::Model,
    /// The session that the token belongs to.
    pub session: session::Model,
}

impl Principal {
    /// What an audit event says of the caller.
    pub fn trail(&self) -> Trail {
        Trail {
            realm: self.realm.name().to_owned(),
            account_id: Some(self.account.id),
            session_id: Some(self.session.id),
            detail: None,
        }
    }

    /// Looks, in the transaction of a change, whether the session still is: a call may have stood still between its
    /// token and its change, and an end that was acknowledged meanwhile holds (I1). The row of the account is locked
    /// before, so that two sessions which end each other do not wait for each other.
    ///
    /// Refusals: `TOKEN_REVOKED`.
    pub(crate) async fn require_live_session(
        &self,
        tx: &impl ConnectionTrait,
        now: Timestamp,
    ) -> Result<()> {
        require_live(tx, self.session.id, now).await
    }
}

/// The same for who is known by a session alone.
pub(crate) async fn require_live(
    tx: &impl ConnectionTrait,
    session: Uuid,
    now: Timestamp,
) -> Result<()> {
    if session::Entity::is_live(tx, session, now.millis()).await? {
        Ok(())
    } else {
        Err(Error::TokenRevoked)
    }
}
