//! Stopping an account, letting it go on, and activating it without its code.

use sea_orm::ActiveValue::Set;

use super::edit::{Applied, Desk, Edit, Edited, Target, edit};
use crate::{
    accounts::{forget_pending_email, revocation},
    app::{App, Call},
    audit::Action,
    codes,
    error::{Error, Result},
    store::{
        account::{ActiveModel, State},
        upload_ticket,
    },
};

struct NewState(State);

/// Gives an account the state `to`, and ends its sessions when that is `Suspended`. A registration that waits for its code
/// can only be activated, and no account becomes one again.
///
/// Refusals: `ACCOUNT_NOT_FOUND`, `ETAG_MISMATCH`, `INVALID_FIELD`; for a registration `PHONE_TAKEN`, `EXTERNAL_ID_TAKEN`, and
/// `EMAIL_TAKEN` for one whose address has an owner.
pub async fn set_account_state(
    app: &App,
    call: &Call,
    target: &Target,
    to: State,
) -> Result<Edited> {
    edit(app, call, target, &NewState(to)).await
}

impl Edit for NewState {
    const ACTION: Action = Action::SetAccountState;

    async fn apply(&self, desk: &Desk<'_>, active: &mut ActiveModel) -> Result<Applied> {
        let account = desk.account;
        let mut applied = Applied {
            is_changed: account.state != self.0,
            ended: Vec::new(),
            detail: format!("{} to {}", word(account.state), word(self.0)),
        };
        match (account.state, self.0) {
            (State::Pending, State::Active) => {
                // It stands in for one whose address is another's.
                if account.email.is_some() && account.email_canonical.is_none() {
                    return Err(Error::EmailTaken);
                }
                codes::kill(desk.tx, account, desk.now).await?;
                // Who registered an address need not be who owns it.
                upload_ticket::Entity::withdraw(desk.tx, account.id).await?;
            }
            (State::Pending, _) => {
                let text = "a registration that waits for its code can only be activated";
                return Err(Error::field("state", "NOT_SUPPORTED", text));
            }
            (_, State::Pending) => {
                let text = "an account does not wait for its code again";
                return Err(Error::field("state", "NOT_SUPPORTED", text));
            }
            (_, State::Suspended) => {
                codes::kill(desk.tx, account, desk.now).await?;
                // Whoever has begun it may be why the account is stopped.
                forget_pending_email(active);
                applied.ended = revocation::end_others(desk.tx, account.id, None).await?;
            }
            (_, State::Active) => {}
        }
        active.state = Set(self.0);
        Ok(applied)
    }
}

const fn word(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Active => "active",
        State::Suspended => "suspended",
    }
}
