//! `RevokeSession`.

use std::sync::Arc;

use crate::{
    accounts::fields::Id,
    app::{App, Call},
    error::Result,
    grpc::fields::Fields,
    proto::{RevokeSessionRequest, RevokeSessionResponse},
    sessions,
};

pub(super) async fn revoke_session(
    app: Arc<App>,
    call: Arc<Call>,
    request: RevokeSessionRequest,
) -> Result<()> {
    let principal = sessions::authenticate(&app, &call).await?;
    let mut fields = Fields::default();
    let id = fields
        .required("session_id", &request.session_id, Id::parse)
        .map(Id::uuid);
    fields.finish()?;
    let Some(id) = id else {
        return Err(fields.refusal());
    };
    sessions::revoke(&app, &call, &principal, id).await
}

pub(super) const fn answer((): ()) -> RevokeSessionResponse {
    RevokeSessionResponse {}
}
