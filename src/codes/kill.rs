//! Making outstanding codes useless.

use sea_orm::ConnectionTrait;

use crate::{
    backend::Timestamp,
    error::Result,
    store::{account, code},
};

/// Makes every outstanding code of an account useless, in the transaction of the change that calls for it (OT-16).
///
/// Their live halves stay in the key-value store until they time out: SQL decides whether a code can be used.
pub async fn kill(
    tx: &impl ConnectionTrait,
    account: &account::Model,
    now: Timestamp,
) -> Result<()> {
    let email = account.email_canonical.as_deref();
    code::Entity::kill(tx, &account.realm, account.id, email, now.millis()).await?;
    Ok(())
}
