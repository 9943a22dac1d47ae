//! The account that is calling.

use std::sync::Arc;

use crate::{
    app::Realm,
    audit::Trail,
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
        }
    }
}
