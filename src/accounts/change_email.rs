//! A change of address, as the realm does it.

use sea_orm::ActiveValue::Set;

use super::{Principal, fields::Email};
use crate::{
    app::{App, Call},
    codes::{self, Challenge, Issue, issue::Again},
    config::EmailChange,
    error::{Error, Result},
    mails::{Mail, Purpose, mask_address},
    store::{
        Transaction,
        account::{self, Name},
    },
};

/// Changes the address as the realm does it: at once, or by a code to the new one, whose challenge this gives back.
///
/// Refusals: `EMAIL_TAKEN`, where accounts are disclosed, and those of [`codes::issue()`].
pub(super) async fn change_email(
    app: &App,
    tx: &Transaction,
    call: &Call,
    principal: &Principal,
    account: &account::Model,
    active: &mut account::ActiveModel,
    email: Option<&Email>,
) -> Result<Option<Challenge>> {
    let realm = &*principal.realm;
    let mode = realm.rules.email_change;
    let masked = email.map_or_else(String::new, |email| mask_address(email.typed()));
    let Some(email) = email.filter(|_| mode == EmailChange::ConfirmNew) else {
        let mail = Mail::EmailChanged {
            new_address_masked: masked,
        };
        notify(app, tx, principal, account, &mail).await?;
        // Codes that went to the old address die with it.
        codes::kill(tx, account, app.clock.now()).await?;
        if let Some(email) = email {
            let canonical = email.canonical();
            account::Entity::give_way(tx, realm.name(), Some(canonical), None, 0).await?;
            refuse_taken(tx, account, canonical).await?;
        }
        active.email = Set(email.map(|it| it.typed().to_owned()));
        active.email_canonical = Set(email.map(|it| it.canonical().to_owned()));
        active.email_verified = Set(mode == EmailChange::CodeBefore && email.is_some());
        forget_pending_email(active);
        return Ok(None);
    };
    active.pending_email = Set(Some(email.typed().to_owned()));
    active.pending_email_canonical = Set(Some(email.canonical().to_owned()));
    let deliver = is_free(app, tx, principal, account, email).await?;
    let mail = Mail::EmailChangeRequested {
        new_address_masked: masked,
    };
    notify(app, tx, principal, account, &mail).await?;
    let issue = Issue {
        realm,
        purpose: Purpose::ChangeEmail,
        subject: codes::of_account(account.id),
        account_id: Some(account.id),
        canonical: email.canonical(),
        address: email.typed(),
        deliver,
        locale: realm.locale_of(account),
        // A code to another address is another code; the daily budget bounds both.
        again: Again::Replace,
    };
    codes::issue(app, tx, call, &issue).await.map(Some)
}

/// Refuses the address of another account. The unique index would too, but engines look at their indexes in different
/// orders, and of a taken address and a taken number the address is to be told.
async fn refuse_taken(tx: &Transaction, account: &account::Model, canonical: &str) -> Result<()> {
    let name = Name::Email(canonical.to_owned());
    let owner = account::Entity::find_by_name(tx, &account.realm, &name).await?;
    match owner {
        Some(owner) if owner.id != account.id => Err(Error::EmailTaken),
        _ => Ok(()),
    }
}

/// Gives up a change of address that waits for its code: with the code alone, another one could be asked for.
pub(crate) fn forget_pending_email(active: &mut account::ActiveModel) {
    active.pending_email = Set(None);
    active.pending_email_canonical = Set(None);
}

/// Whether nobody else has the address. Where accounts are not disclosed, a taken one is answered as a free one: its
/// owner is told, and no code is sent (EN-07).
async fn is_free(
    app: &App,
    tx: &Transaction,
    principal: &Principal,
    account: &account::Model,
    email: &Email,
) -> Result<bool> {
    let realm = &*principal.realm;
    let name = Name::Email(email.canonical().to_owned());
    let owner = account::Entity::find_by_name(tx, realm.name(), &name)
        .await?
        .filter(|owner| owner.id != account.id && owner.state != account::State::Pending);
    match owner {
        None => Ok(true),
        Some(_) if realm.rules.disclose_accounts => Err(Error::EmailTaken),
        Some(owner) => {
            let locale = realm.locale_of(&owner);
            let address = owner.email.as_deref().unwrap_or_default();
            let mail = Mail::EmailClaimed;
            app.post(tx, realm.name(), address, locale, &mail).await?;
            Ok(false)
        }
    }
}

/// Tells the account's present address of a change (ASVS 6.3.7).
pub(super) async fn notify(
    app: &App,
    tx: &Transaction,
    principal: &Principal,
    account: &account::Model,
    mail: &Mail,
) -> Result<()> {
    let Some(address) = &account.email else {
        return Ok(());
    };
    let realm = &principal.realm;
    let locale = realm.locale_of(account);
    app.post(tx, realm.name(), address, locale, mail).await
}
