//! `Refresh`.

use std::sync::Arc;

use crate::{
    app::{App, Call},
    error::{Error, Result},
    grpc::{answers, fields::Fields},
    proto::{RefreshRequest, RefreshResponse},
    sessions::{self, Tokens},
};

pub(super) async fn refresh(
    app: Arc<App>,
    call: Arc<Call>,
    request: RefreshRequest,
) -> Result<Tokens> {
    let mut fields = Fields::default();
    let token = fields.plain("refresh_token", &request.refresh_token);
    fields.finish()?;
    if token.is_empty() {
        return Err(Error::field("refresh_token", "REQUIRED", "must be given"));
    }
    sessions::refresh(&app, &call, token).await
}

pub(super) fn answer(tokens: Tokens) -> RefreshResponse {
    RefreshResponse {
        tokens: Some(answers::tokens(tokens)),
    }
}
