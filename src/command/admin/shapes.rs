//! Answers of the contract as JSON has them: its field names, times in RFC 3339, null for what is unset.

use prost_types::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::values::{attributes_json, date_text, state_word, time_text};
use crate::proto;

/// An instant, in RFC 3339.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instant(Timestamp);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        time_text(self.0).serialize(serializer)
    }
}

/// What an owner sees of an account.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    pub(super) id: String,
    realm: String,
    pub(super) username: String,
    pub(super) email: String,
    email_verified: bool,
    phone: String,
    full_name: String,
    birth_date: Option<String>,
    locale: String,
    pub(super) role: String,
    pub(super) state: &'static str,
    external_id: String,
    pub(super) attributes: Map<String, Json>,
    etag: String,
    create_time: Option<Instant>,
    update_time: Option<Instant>,
    pending_email: String,
    picture: Option<Picture>,
}

#[derive(Debug, Serialize)]
struct Picture {
    etag: String,
    content_type: String,
    width: i32,
    height: i32,
    size: i64,
    update_time: Option<Instant>,
}

/// What operators see of an account.
#[derive(Debug, Serialize)]
pub(super) struct AccountRecord {
    pub(super) account: Option<Account>,
    pub(super) password_scheme: String,
    pub(super) password_change_required: bool,
    pub(super) live_sessions: i32,
    last_active_time: Option<Instant>,
}

/// An account that was changed.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    pub(super) account: Option<Account>,
    /// Where a change ends sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_sessions: Option<i32>,
}

/// One decision.
#[derive(Debug, Serialize)]
pub(super) struct AuditEvent {
    id: String,
    time: Option<Instant>,
    realm: String,
    account_id: String,
    session_id: String,
    action: String,
    outcome: String,
    peer_address: String,
    request_id: String,
    operator: String,
    detail: String,
}

/// How much of something is used up.
#[derive(Debug, Serialize)]
pub(super) struct Limit {
    name: String,
    used: i32,
    most: i32,
    retry_time: Option<Instant>,
    full_time: Option<Instant>,
}

impl From<proto::Account> for Account {
    fn from(account: proto::Account) -> Self {
        Self {
            id: account.id,
            realm: account.realm,
            username: account.username,
            email: account.email,
            email_verified: account.email_verified,
            phone: account.phone,
            full_name: account.full_name,
            birth_date: account.birth_date.map(date_text),
            locale: account.locale,
            role: account.role,
            state: state_word(account.state),
            external_id: account.external_id,
            attributes: attributes_json(account.attributes),
            etag: account.etag,
            create_time: account.create_time.map(Instant),
            update_time: account.update_time.map(Instant),
            pending_email: account.pending_email,
            picture: account.picture.map(|picture| Picture {
                etag: picture.etag,
                content_type: picture.content_type,
                width: picture.width,
                height: picture.height,
                size: picture.size,
                update_time: picture.update_time.map(Instant),
            }),
        }
    }
}

impl From<proto::AccountRecord> for AccountRecord {
    fn from(record: proto::AccountRecord) -> Self {
        Self {
            account: record.account.map(Account::from),
            password_scheme: record.password_scheme,
            password_change_required: record.password_change_required,
            live_sessions: record.live_sessions,
            last_active_time: record.last_active_time.map(Instant),
        }
    }
}

impl From<proto::AuditEvent> for AuditEvent {
    fn from(event: proto::AuditEvent) -> Self {
        Self {
            id: event.id,
            time: event.time.map(Instant),
            realm: event.realm,
            account_id: event.account_id,
            session_id: event.session_id,
            action: event.action,
            outcome: event.outcome,
            peer_address: event.peer_address,
            request_id: event.request_id,
            operator: event.operator,
            detail: event.detail,
        }
    }
}

impl From<proto::Limit> for Limit {
    fn from(limit: proto::Limit) -> Self {
        Self {
            name: limit.name,
            used: limit.used,
            most: limit.most,
            retry_time: limit.retry_time.map(Instant),
            full_time: limit.full_time.map(Instant),
        }
    }
}

impl Account {
    /// Its fields by name, for people.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let time = |at: Option<Instant>| at.and_then(|at| time_text(at.0)).unwrap_or_default();
        let verified = if self.email_verified {
            ""
        } else {
            " (not verified)"
        };
        let email = match self.email.as_str() {
            "" => String::new(),
            email => format!("{email}{verified}"),
        };
        let picture = self.picture.as_ref().map(|picture| {
            format!(
                "{}, {} x {}",
                picture.content_type, picture.width, picture.height
            )
        });
        vec![
            ("id", self.id.clone()),
            ("realm", self.realm.clone()),
            ("state", self.state.to_owned()),
            ("role", self.role.clone()),
            ("username", self.username.clone()),
            ("email", email),
            ("pending_email", self.pending_email.clone()),
            ("phone", self.phone.clone()),
            ("external_id", self.external_id.clone()),
            ("full_name", self.full_name.clone()),
            ("birth_date", self.birth_date.clone().unwrap_or_default()),
            ("locale", self.locale.clone()),
            (
                "attributes",
                Json::from(self.attributes.clone()).to_string(),
            ),
            ("picture", picture.unwrap_or_default()),
            ("create_time", time(self.create_time)),
            ("update_time", time(self.update_time)),
        ]
    }
}

impl AccountRecord {
    /// Its fields by name, for people.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let last = self.last_active_time.and_then(|at| time_text(at.0));
        let required = if self.password_change_required {
            "must be changed"
        } else {
            "works"
        };
        let password = match self.password_scheme.as_str() {
            "" => "none".to_owned(),
            scheme => format!("{scheme}, {required}"),
        };
        let mut pairs = self
            .account
            .as_ref()
            .map(Account::pairs)
            .unwrap_or_default();
        pairs.extend([
            ("password", password),
            ("live_sessions", self.live_sessions.to_string()),
            ("last_active_time", last.unwrap_or_default()),
        ]);
        pairs
    }
}
