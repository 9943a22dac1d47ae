//! `GetCurrent`.

use std::sync::Arc;

use crate::{
    app::{App, Call},
    error::Result,
    grpc::answers,
    proto::{GetCurrentRequest, GetCurrentResponse},
    sessions,
};

pub(super) async fn get_current(
    app: Arc<App>,
    call: Arc<Call>,
    _request: GetCurrentRequest,
) -> Result<GetCurrentResponse> {
    let principal = sessions::recognise(&app, &call).await?;
    Ok(GetCurrentResponse {
        account: Some(answers::account(principal.account.clone())),
    })
}
