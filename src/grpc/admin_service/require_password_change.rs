//! `RequirePasswordChange`.

use std::sync::Arc;

use super::{
    answers::count,
    target::{Named, target},
};
use crate::{
    admin::{self, Edited},
    app::{App, Call, Realm},
    error::Result,
    grpc::{answers, fields::Fields},
    proto::{RequirePasswordChangeRequest, RequirePasswordChangeResponse},
};

pub(super) async fn require_password_change(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: RequirePasswordChangeRequest,
) -> Result<Edited> {
    let named = Named {
        account_id: &request.account_id,
        etag: &request.etag,
        reason: &request.reason,
    };
    let target = target(Fields::default(), realm, &named)?;
    admin::require_password_change(&app, &call, &target).await
}

pub(super) fn answer(edited: Edited) -> RequirePasswordChangeResponse {
    RequirePasswordChangeResponse {
        account: Some(answers::account(edited.account)),
        ended_sessions: count(edited.ended_sessions),
    }
}
