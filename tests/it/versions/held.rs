//! What the clients of a version hold: tokens, codes and the names of their requests.

use accountd::proto::{LoginRequest, Tokens, UpdateRequest, login_request::Identifier};
use serde::{Deserialize, Serialize};

use super::dump::Key;
use crate::support::{client::PASSWORD, request_id::request_id};

#[derive(Deserialize, Serialize)]
pub(super) struct Held {
    /// When all of it was still good, in milliseconds since 1970.
    pub(super) at_millis: i64,
    /// Of all accounts.
    pub(super) password: String,
    /// An active account with three sessions, and the etag after its last change.
    pub(super) ada: Ada,
    /// An account that waits for its code.
    pub(super) ben: Waiting,
    /// An active account that wants another password.
    pub(super) cleo: Waiting,
    /// Of Redis; none where the store was in the process.
    #[serde(default)]
    pub(super) keys: Vec<Key>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Ada {
    pub(super) id: String,
    pub(super) etag: String,
    /// Of the activation, rotated once.
    pub(super) first: Pair,
    /// Of a named login.
    pub(super) named: Pair,
    /// Of a session that was revoked.
    pub(super) revoked: Pair,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Pair {
    pub(super) session_id: String,
    pub(super) access_token: String,
    pub(super) refresh_token: String,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) code: String,
}

impl From<Tokens> for Pair {
    fn from(tokens: Tokens) -> Self {
        Self {
            session_id: tokens.session_id,
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
        }
    }
}

/// The login of ada that bears a name.
pub(super) fn named_login() -> LoginRequest {
    LoginRequest {
        identifier: Some(Identifier::Username(String::from("ada"))),
        password: PASSWORD.to_owned(),
        request_id: request_id(1),
        ..LoginRequest::default()
    }
}

/// The change of ada that bears a name, made in her first session.
pub(super) fn named_update() -> UpdateRequest {
    UpdateRequest {
        full_name: String::from("Ada of the sea"),
        request_id: request_id(2),
        ..UpdateRequest::default()
    }
}
