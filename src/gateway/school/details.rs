//! `GET /auth/details`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Failure, Message, User};
use crate::{
    gateway::{api::Api, caller::Caller},
    proto::Account,
};

/// The account.
#[derive(Serialize, ToSchema)]
pub(super) struct Details {
    user: User,
}

/// Reads the account of the token.
#[utoipa::path(
    get,
    path = "/auth/details",
    security(("token" = [])),
    responses(
        (status = 200, description = "the account", body = Details),
        (status = 401, description = "the token is missing, or does not work any more", body = Message),
    )
)]
pub(super) async fn details(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Details>, Failure> {
    let user = account(&api, &caller).await?.into();
    Ok(Json(Details { user }))
}

/// The account of the caller's token.
pub(super) async fn account(api: &Api, caller: &Caller) -> Result<Account, Failure> {
    let token = caller.token().unwrap_or_default();
    Ok(api.account(caller, token).await?)
}
