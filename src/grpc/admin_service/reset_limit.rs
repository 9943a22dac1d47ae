//! `ResetLimit`.

use std::sync::Arc;

use super::{answers, get_limits::whose};
use crate::{
    admin::limits::{self, Limit},
    app::{App, Call, Realm},
    error::Result,
    grpc::fields::Fields,
    proto::{ResetLimitRequest, ResetLimitResponse},
};

pub(super) async fn reset_limit(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: ResetLimitRequest,
) -> Result<Limit> {
    let mut fields = Fields::default();
    if fields.plain("limit", &request.limit).is_empty() {
        fields.refuse("limit", "REQUIRED", "must be given");
    }
    let whose = whose(fields, realm, &request.account_id, &request.peer_address)?;
    limits::reset_limit(&app, &call, &whose, &request.limit).await
}

pub(super) fn answer(limit: Limit) -> ResetLimitResponse {
    ResetLimitResponse {
        limit: Some(answers::limit(limit)),
    }
}
