//! Ending the caller's session, or all of them.

use uuid::Uuid;

use super::{
    authenticate,
    refresh::{self, Holder},
};
use crate::{
    accounts::{require_live, revocation},
    app::{App, Call},
    audit::{self, Action},
    backend::kv::Mark,
    error::{Error, Result},
    faults::Bug,
    replay,
    store::{self, account, session},
};

/// Which sessions end.
#[derive(Debug)]
pub struct Input {
    /// Names the session where the call has no access token.
    pub refresh_token: Option<String>,
    /// Every session of the account.
    pub all_sessions: bool,
}

/// Ends the caller's session, or all of them. The end is durable when this returns.
///
/// Refusals: those of a token. A refresh token that is not live is answered as a success: what it asks for is so. That
/// answer is not kept, since nothing was done.
pub async fn logout(app: &App, call: &Call, input: &Input) -> Result<()> {
    let holder = match &input.refresh_token {
        Some(token) => match refresh::holder(app, token).await {
            Ok(holder) if call.takes(holder.realm.name()) => holder,
            Ok(_) | Err(Error::RefreshTokenInvalid) => {
                revocation::outlast(app).await;
                return Ok(());
            }
            Err(error) => return Err(error),
        },
        None => authenticate(app, call).await?.into(),
    };
    let ended = store::retrying(Error::met_another, || {
        attempt(app, call, &holder, input.all_sessions)
    })
    .await;
    let ended = match ended {
        Err(Error::TokenRevoked) if input.refresh_token.is_some() => {
            revocation::outlast(app).await;
            return Ok(());
        }
        ended => ended?,
    };
    let account_id = holder.session.account_id;
    revocation::announce(app, &holder.realm, account_id, &ended, Mark::Revoked).await;
    Ok(())
}

async fn attempt(app: &App, call: &Call, holder: &Holder, all: bool) -> Result<Vec<Uuid>> {
    let (id, account_id) = (holder.session.id, holder.session.account_id);
    let tx = store::begin(&app.db).await?;
    let ended = if all {
        // The lock keeps out a login that would open one more after the list was read.
        account::Entity::lock(&tx, holder.realm.name(), account_id).await?;
        require_live(&tx, id, app.clock.now()).await?;
        revocation::end_others(&tx, account_id, None).await?
    } else {
        if !app.faults.has(Bug::LogoutIsOnlyMarked) {
            session::Entity::end(&tx, account_id, &[id]).await?;
        }
        vec![id]
    };
    audit::allowed(app, &tx, call, Action::Logout, &holder.trail()).await?;
    replay::keep(app, &tx, call, &()).await?;
    tx.commit().await?;
    Ok(ended)
}
