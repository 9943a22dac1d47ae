//! What the caller is told of a code that is out.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::Realm,
    backend::Timestamp,
    mails::{Purpose, mask_address},
    store::code,
};

/// What the caller is told of a code that is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// The name of the issue.
    pub id: Uuid,
    /// What the code proves.
    pub purpose: Purpose,
    /// The account that it acts on.
    pub account_id: Option<Uuid>,
    /// Where it went, masked.
    pub address: String,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When another may be asked for.
    pub resend_at: Timestamp,
    /// How many digits it has.
    pub digits: u8,
}

impl Challenge {
    /// The challenge of an issue that went to `address`.
    pub(super) fn of(row: &code::Model, realm: &Realm, purpose: Purpose, address: &str) -> Self {
        let issued_at = Timestamp::from_millis(row.issued_at);
        Self {
            id: row.issue,
            purpose,
            account_id: row.account_id,
            address: mask_address(address),
            expires_at: Timestamp::from_millis(row.expires_at),
            resend_at: issued_at + realm.rules.code_cooldown,
            digits: realm.rules.code_digits,
        }
    }
}
