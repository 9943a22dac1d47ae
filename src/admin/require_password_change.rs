//! The end of a password that somebody else may know.

use sea_orm::ActiveValue::Set;

use super::edit::{Applied, Desk, Edit, Edited, Target, edit};
use crate::{
    accounts::{forget_pending_email, revocation},
    app::{App, Call},
    audit::Action,
    codes,
    error::{Error, Result},
    mails::Mail,
    store::account::{ActiveModel, State},
};

struct Require;

/// Makes the password of an account useless until another is set by a code to its address, and ends its sessions. The owner
/// is told by mail.
///
/// Refusals: `ACCOUNT_NOT_FOUND`, `ETAG_MISMATCH`, `ACCOUNT_NOT_ACTIVATED`; `FEATURE_DISABLED` where the owner could not come back.
pub async fn require_password_change(app: &App, call: &Call, target: &Target) -> Result<Edited> {
    edit(app, call, target, &Require).await
}

impl Edit for Require {
    const ACTION: Action = Action::RequirePasswordChange;

    async fn apply(&self, desk: &Desk<'_>, active: &mut ActiveModel) -> Result<Applied> {
        let account = desk.account;
        let account_id = account.id;
        if account.state == State::Pending {
            return Err(Error::AccountNotActivated { account_id });
        }
        let Some(address) = account
            .email
            .as_deref()
            .filter(|_| desk.realm.rules.password_reset)
        else {
            return Err(Error::FeatureDisabled {
                feature: "password_reset",
            });
        };
        codes::kill(desk.tx, account, desk.now).await?;
        let ended = revocation::end_others(desk.tx, account_id, None).await?;
        let locale = desk.realm.locale_of(account);
        let mail = Mail::PasswordChangeRequired;
        desk.app
            .post(desk.tx, desk.realm.name(), address, locale, &mail)
            .await?;
        forget_pending_email(active);
        active.password_change_required = Set(true);
        // A login that is under way has compared the old one already.
        active.credentials_version = Set(account.credentials_version + 1);
        Ok(Applied {
            is_changed: true,
            ended,
            detail: String::new(),
        })
    }
}
