//! Another role.

use sea_orm::ActiveValue::Set;

use super::edit::{Applied, Desk, Edit, Edited, Target, edit};
use crate::{
    app::{App, Call},
    audit::Action,
    error::Result,
    store::account::ActiveModel,
};

struct NewRole(String);

/// Gives an account a role, which acts on its next call (TK-14).
///
/// Refusals: `ACCOUNT_NOT_FOUND`, `ETAG_MISMATCH`.
pub async fn set_role(app: &App, call: &Call, target: &Target, role: String) -> Result<Edited> {
    edit(app, call, target, &NewRole(role)).await
}

impl Edit for NewRole {
    const ACTION: Action = Action::SetRole;

    async fn apply(&self, desk: &Desk<'_>, active: &mut ActiveModel) -> Result<Applied> {
        active.role = Set(self.0.clone());
        Ok(Applied {
            is_changed: desk.account.role != self.0,
            detail: format!("{} to {}", desk.account.role, self.0),
            ..Applied::default()
        })
    }
}
