//! `Refresh`.

use std::sync::Arc;

use crate::{
    app::{App, Call},
    error::{Error, Result},
    grpc::{answers, fields::Fields},
    proto::{RefreshRequest, RefreshResponse},
    sessions,
};

pub(super) async fn refresh(
    app: Arc<App>,
    call: Arc<Call>,
    request: RefreshRequest,
) -> Result<RefreshResponse> {
    let mut fields = Fields::default();
    let token = fields.plain("refresh_token", &request.refresh_token);
    fields.finish()?;
    if token.is_empty() {
        return Err(Error::field("refresh_token", "REQUIRED", "must be given"));
    }
    let tokens = sessions::refresh(&app, &call, token).await?;
    Ok(RefreshResponse {
        tokens: Some(answers::tokens(tokens)),
    })
}
