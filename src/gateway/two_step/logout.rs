//! `POST /api/users/logout`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Data,
    failure::{Errors, Failure},
};
use crate::{
    gateway::{api::Api, caller::Caller},
    proto::LogoutRequest,
};

/// That it is done.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedOut {
    #[schema(example = "success")]
    status: String,
    #[schema(example = "logout successfully")]
    message: String,
}

/// Ends the session of the token.
#[utoipa::path(
    post,
    path = "/api/users/logout",
    security(("token" = [])),
    responses(
        (status = 200, description = "the token does not work any more", body = Data<LoggedOut>),
        (status = 401, description = "the token does not work, or not any more", body = Errors),
    )
)]
pub(super) async fn logout(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Data<LoggedOut>>, Failure> {
    let message = LogoutRequest {
        request_id: caller.idempotency_key(),
        ..LogoutRequest::default()
    };
    let token = caller.token().unwrap_or_default();
    let request = api.request_as(&caller, token, message);
    api.client().logout(request).await?;
    let data = LoggedOut {
        status: String::from("success"),
        message: String::from("logout successfully"),
    };
    Ok(Json(Data { data }))
}
