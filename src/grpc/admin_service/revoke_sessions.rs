//! `RevokeSessions`.

use std::sync::Arc;

use super::{
    answers::count,
    target::{Named, target},
};
use crate::{
    accounts::fields::Id,
    admin::{self, Edited},
    app::{App, Call, Realm},
    error::Result,
    grpc::fields::Fields,
    proto::{RevokeSessionsRequest, RevokeSessionsResponse},
};

pub(super) async fn revoke_sessions(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: RevokeSessionsRequest,
) -> Result<Edited> {
    let mut fields = Fields::default();
    let only = if request.session_id.is_empty() {
        None
    } else {
        fields
            .take("session_id", Id::parse(&request.session_id))
            .map(Id::uuid)
    };
    let named = Named {
        account_id: &request.account_id,
        etag: "",
        reason: &request.reason,
    };
    let target = target(fields, realm, &named)?;
    admin::revoke_sessions(&app, &call, &target, only).await
}

#[expect(clippy::needless_pass_by_value, reason = "as every answer takes it")]
pub(super) fn answer(edited: Edited) -> RevokeSessionsResponse {
    RevokeSessionsResponse {
        ended_sessions: count(edited.ended_sessions),
    }
}
