//! Into the outbox.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{Locale, Mail};
use crate::{backend::Timestamp, store::outbox};

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// The letter's own id, ordered by time (`UUIDv7`).
    pub id: Uuid,
    /// The realm in whose name it is sent.
    pub realm: &'a str,
    /// The address.
    pub recipient: &'a str,
    /// The language.
    pub locale: Locale,
    /// What it says.
    pub mail: &'a Mail,
}

/// Puts a mail into the outbox; inside a transaction it is sent if that commits. A code expires in the outbox as it does
/// elsewhere: it is dropped rather than sent once it is of no use. The caller then wakes the delivery.
pub async fn queue(
    db: &impl ConnectionTrait,
    now: Timestamp,
    order: Order<'_>,
) -> Result<(), DbErr> {
    let not_after = match order.mail {
        Mail::Code {
            lifetime_seconds, ..
        } => Some((now + Duration::from_secs(*lifetime_seconds)).millis()),
        _ => None,
    };
    let mail = serde_json::to_string(order.mail).map_err(|error| DbErr::Json(error.to_string()))?;
    let row = outbox::Model {
        id: order.id,
        realm: order.realm.to_owned(),
        recipient: order.recipient.to_owned(),
        locale: order.locale.as_str().to_owned(),
        mail,
        created_at: now.millis(),
        due_at: now.millis(),
        not_after,
        attempts: 0,
        copies: 0,
        lease_until: None,
        last_error: None,
    };
    outbox::insert(db, row).await
}
