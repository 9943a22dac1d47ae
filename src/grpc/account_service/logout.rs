//! `Logout`.

use std::sync::Arc;

use crate::{
    app::{App, Call},
    error::Result,
    grpc::fields::Fields,
    proto::{LogoutRequest, LogoutResponse},
    sessions::{self, logout::Input},
};

pub(super) async fn logout(app: Arc<App>, call: Arc<Call>, request: LogoutRequest) -> Result<()> {
    let mut fields = Fields::default();
    let token = fields.plain("refresh_token", &request.refresh_token);
    fields.finish()?;
    let input = Input {
        refresh_token: (!token.is_empty()).then(|| token.to_owned()),
        all_sessions: request.all_sessions,
    };
    sessions::logout(&app, &call, &input).await
}

pub(super) const fn answer((): ()) -> LogoutResponse {
    LogoutResponse {}
}
