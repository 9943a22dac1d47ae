//! `DELETE /api/users/{id}`

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Data,
    current::account,
    failure::{Errors, Failure},
};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault},
    proto::{DeleteRequest, ErrorReason},
};

/// What proves that the owner means it.
#[derive(Deserialize, ToSchema)]
pub(super) struct Delete {
    #[serde(default)]
    #[schema(required, example = "naruto123")]
    username: String,
    /// Spelt as the document does; `password` is taken too.
    #[serde(default, rename = "pasword", alias = "password")]
    #[schema(required, format = Password, example = "Naruto123#")]
    password: String,
}

/// That it is done.
#[derive(Serialize, ToSchema)]
pub(super) struct Deleted {
    #[schema(example = "User account deleted successfully")]
    message: String,
}

/// Removes the account of the token with its sessions, if the path and the body are about it.
#[utoipa::path(
    delete,
    path = "/api/users/{id}",
    security(("token" = [])),
    params(("id" = String, Path, description = "the id of the token's account")),
    request_body = Delete,
    responses(
        (status = 200, description = "the account is gone", body = Data<Deleted>),
        (status = 400, description = "the body cannot be read", body = Errors),
        (status = 401, description = "the token does not work, or id, user name or password are not its account's", body = Errors),
    )
)]
pub(super) async fn delete(
    State(api): State<Api>,
    id: Result<Path<String>, PathRejection>,
    caller: Caller,
    body: Body,
) -> Result<Json<Data<Deleted>>, Failure> {
    let body: Delete = body.json()?;
    let account = account(&api, &caller).await?;
    // What cannot be read is nobody's id.
    let is_own = id.is_ok_and(|Path(id)| id == account.id);
    if !is_own || !account.username.eq_ignore_ascii_case(&body.username) {
        return Err(Failure::Unauthorized);
    }
    let message = DeleteRequest {
        current_password: body.password,
        request_id: caller.idempotency_key(),
        ..DeleteRequest::default()
    };
    let token = caller.token().unwrap_or_default();
    let request = api.request_as(&caller, token, message);
    api.client().delete(request).await.map_err(not_own)?;
    let data = Deleted {
        message: String::from("User account deleted successfully"),
    };
    Ok(Json(Data { data }))
}

/// A text that can be no password is a wrong one.
fn not_own(status: tonic::Status) -> Fault {
    let mut fault = Fault::from(status);
    if let Fault::Refused(refusal) = &mut fault
        && refusal.violation("current_password").is_some()
    {
        refusal.reason = ErrorReason::CurrentPasswordIncorrect;
    }
    fault
}
