//! A pending registration becomes an account.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};

use crate::{
    app::App,
    codes::Proof,
    error::{Error, Result},
    store::{
        Transaction,
        account::{self, State},
        upload_ticket,
    },
};

/// Makes the pending account of `proof` active, which `locked` is, in the transaction that uses the code up.
///
/// Refusals: `CODE_NOT_FOUND` when a newer registration has taken its place; `PHONE_TAKEN` and `EXTERNAL_ID_TAKEN`
/// when somebody else was activated with them first.
pub async fn activate(
    app: &App,
    tx: &Transaction,
    locked: Option<account::Model>,
    proof: &Proof,
) -> Result<account::Model> {
    let pending = locked
        .filter(|account| {
            account.state == State::Pending
                && account.email_canonical.as_deref() == Some(proof.address())
        })
        .ok_or_else(|| proof.refuse(Error::CodeNotFound))?;
    // Who registered an address need not be who owns it.
    upload_ticket::Entity::withdraw(tx, pending.id).await?;
    let mut active = pending.clone().into_active_model();
    active.state = Set(State::Active);
    active.email_verified = Set(true);
    active.version = Set(pending.version + 1);
    active.updated_at = Set(app.clock.now().millis());
    Ok(active.update(tx).await?)
}
