//! `SetAccountState`.

use std::sync::Arc;

use super::{
    answers::count,
    target::{Named, target},
};
use crate::{
    admin::{self, Edited},
    app::{App, Call, Realm},
    error::{Error, Result},
    grpc::{answers, fields::Fields},
    proto::{AccountState, SetAccountStateRequest, SetAccountStateResponse},
    store::account::State,
};

pub(super) async fn set_account_state(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: SetAccountStateRequest,
) -> Result<Edited> {
    let mut fields = Fields::default();
    let to = match AccountState::try_from(request.state) {
        Ok(AccountState::Active) => Some(State::Active),
        Ok(AccountState::Suspended) => Some(State::Suspended),
        Ok(AccountState::Unspecified) => {
            fields.refuse("state", "REQUIRED", "must be given");
            None
        }
        _ => {
            fields.refuse("state", "NOT_SUPPORTED", "must be ACTIVE or SUSPENDED");
            None
        }
    };
    let named = Named {
        account_id: &request.account_id,
        etag: &request.etag,
        reason: &request.reason,
    };
    let target = target(fields, realm, &named)?;
    // Refused with the fields already.
    let to = to.ok_or(Error::MalformedRequest)?;
    admin::set_account_state(&app, &call, &target, to).await
}

pub(super) fn answer(edited: Edited) -> SetAccountStateResponse {
    SetAccountStateResponse {
        account: Some(answers::account(edited.account)),
        ended_sessions: count(edited.ended_sessions),
    }
}
