//! `/api/v1/users/current` and `/api/v1/users/logout`
//!
//! The document says `POST` for the one and `DELETE` for the other; the clients of its time used `GET` and `POST`.

use axum::{Json, extract::State};

use super::{Data, Errors, Failure, User};
use crate::{
    gateway::{api::Api, caller::Caller},
    proto::LogoutRequest,
};

/// Reads the account of the token.
#[utoipa::path(
    post,
    path = "/api/v1/users/current",
    security(("token" = [])),
    responses(
        (status = 200, description = "the account", body = Data<User>),
        (status = 401, description = "the token does not work, or not any more", body = Errors),
    )
)]
pub(super) async fn current(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Data<User>>, Failure> {
    let token = caller.token().unwrap_or_default();
    let data = api.account(&caller, token).await?.into();
    Ok(Json(Data { data }))
}

/// The same.
#[utoipa::path(
    get,
    path = "/api/v1/users/current",
    security(("token" = [])),
    responses(
        (status = 200, description = "the account", body = Data<User>),
        (status = 401, description = "the token does not work, or not any more", body = Errors),
    )
)]
pub(super) async fn current_by_get(
    state: State<Api>,
    caller: Caller,
) -> Result<Json<Data<User>>, Failure> {
    current(state, caller).await
}

/// Ends the session of the token.
#[utoipa::path(
    delete,
    path = "/api/v1/users/logout",
    security(("token" = [])),
    responses(
        (status = 200, description = "the token does not work any more", body = Data<String>),
        (status = 401, description = "the token does not work, or not any more", body = Errors),
    )
)]
pub(super) async fn logout(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Data<&'static str>>, Failure> {
    let message = LogoutRequest {
        request_id: caller.idempotency_key(),
        ..LogoutRequest::default()
    };
    let token = caller.token().unwrap_or_default();
    let request = api.request_as(&caller, token, message);
    api.client().logout(request).await?;
    Ok(Json(Data { data: "OK" }))
}

/// The same.
#[utoipa::path(
    post,
    path = "/api/v1/users/logout",
    security(("token" = [])),
    responses(
        (status = 200, description = "the token does not work any more", body = Data<String>),
        (status = 401, description = "the token does not work, or not any more", body = Errors),
    )
)]
pub(super) async fn logout_by_post(
    state: State<Api>,
    caller: Caller,
) -> Result<Json<Data<&'static str>>, Failure> {
    logout(state, caller).await
}
