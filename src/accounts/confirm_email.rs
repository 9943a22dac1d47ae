//! A new email address takes the place of the old one.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};

use crate::{
    app::{App, Realm},
    codes::{self, Proof},
    error::{Error, Result},
    mails::{Mail, mask_address},
    store::{
        Transaction,
        account::{self, State},
    },
};

/// Puts the address of `proof` in place of that of its account, which `locked` is, in the transaction that uses the code up.
///
/// The old address is told, and codes that went to it die (OT-16).
///
/// Refusals: `CODE_NOT_FOUND` when another change was asked for since; `EMAIL_TAKEN` when the address got an account
/// meanwhile.
pub async fn confirm_email(
    app: &App,
    tx: &Transaction,
    realm: &Realm,
    locked: Option<account::Model>,
    proof: &Proof,
) -> Result<account::Model> {
    let account = locked
        .filter(|account| {
            account.state == State::Active
                && account.pending_email_canonical.as_deref() == Some(proof.address())
        })
        .ok_or_else(|| proof.refuse(Error::CodeNotFound))?;
    let now = app.clock.now();
    codes::kill(tx, &account, now).await?;
    // A registration of the address that still waits gives way: whoever proves an address owns it.
    account::Entity::give_way(tx, realm.name(), Some(proof.address()), None, 0).await?;
    let new = account.pending_email.clone();
    if let (Some(old), Some(new)) = (&account.email, &new) {
        let mail = Mail::EmailChanged {
            new_address_masked: mask_address(new),
        };
        let locale = realm.locale_of(&account);
        app.post(tx, realm.name(), old, locale, &mail).await?;
    }
    let mut active = account.clone().into_active_model();
    active.email = Set(new);
    active.email_canonical = Set(account.pending_email_canonical.clone());
    active.email_verified = Set(true);
    active.pending_email = Set(None);
    active.pending_email_canonical = Set(None);
    active.version = Set(account.version + 1);
    active.updated_at = Set(now.millis());
    Ok(active.update(tx).await?)
}
