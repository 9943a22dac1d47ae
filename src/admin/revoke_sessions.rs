//! The end of one session of an account, or of all.

use uuid::Uuid;

use super::edit::{Applied, Desk, Edit, Edited, Target, edit};
use crate::{
    accounts::revocation,
    app::{App, Call},
    audit::Action,
    error::{Error, Result},
    store::{account::ActiveModel, session},
};

struct End(Option<Uuid>);

/// Ends the session `only` of an account, or all of them.
///
/// Refusals: `ACCOUNT_NOT_FOUND`, `ETAG_MISMATCH`, `SESSION_NOT_FOUND`.
pub async fn revoke_sessions(
    app: &App,
    call: &Call,
    target: &Target,
    only: Option<Uuid>,
) -> Result<Edited> {
    edit(app, call, target, &End(only)).await
}

impl Edit for End {
    const ACTION: Action = Action::RevokeSessions;

    async fn apply(&self, desk: &Desk<'_>, _: &mut ActiveModel) -> Result<Applied> {
        let id = desk.account.id;
        let ended = match self.0 {
            Some(session) => {
                let ended = session::Entity::end(desk.tx, id, &[session]).await?;
                if ended == 0 {
                    return Err(Error::SessionNotFound);
                }
                vec![session]
            }
            None => revocation::end_others(desk.tx, id, None).await?,
        };
        Ok(Applied {
            detail: format!("{} sessions", ended.len()),
            ended,
            ..Applied::default()
        })
    }
}
