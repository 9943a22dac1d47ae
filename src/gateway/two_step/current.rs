//! `GET /api/users/current`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::failure::{Errors, Failure};
use crate::{
    gateway::{api::Api, caller::Caller},
    proto::Account,
};

/// An account. The document puts no envelope around it.
#[derive(Serialize, ToSchema)]
pub(super) struct User {
    #[schema(example = "narutokonoha")]
    username: String,
    #[schema(example = "Uzumaki Naruto")]
    name: String,
    #[schema(example = "naruto@gmail.com")]
    email: String,
}

/// Reads the account of the token.
#[utoipa::path(
    get,
    path = "/api/users/current",
    security(("token" = [])),
    responses(
        (status = 200, description = "the account", body = User),
        (status = 401, description = "the token does not work, or not any more", body = Errors),
    )
)]
pub(super) async fn current(State(api): State<Api>, caller: Caller) -> Result<Json<User>, Failure> {
    let account = account(&api, &caller).await?;
    Ok(Json(User {
        username: account.username,
        name: account.full_name,
        email: account.email,
    }))
}

/// The account of the caller's token.
pub(super) async fn account(api: &Api, caller: &Caller) -> Result<Account, Failure> {
    let token = caller.token().unwrap_or_default();
    Ok(api.account(caller, token).await?)
}
