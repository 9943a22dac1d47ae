//! `GET /api/users`

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Failed, Failure};
use crate::{
    gateway::{api::Api, caller::Caller, fault::Fault},
    proto::{Account, ErrorReason},
};

/// An account, without an envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct User {
    #[schema(example = "broo")]
    nama: String,
    #[schema(example = "broo@example.com")]
    email: String,
    /// As its owner wrote it.
    #[schema(example = "08123123123")]
    telp: String,
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            nama: account.full_name,
            email: account.email,
            telp: account.phone,
        }
    }
}

/// Nothing.
#[derive(Serialize, ToSchema)]
pub(super) struct Gone {}

/// Reads the account of the token.
#[utoipa::path(
    get,
    path = "/api/users",
    security(("token" = [])),
    responses(
        (status = 200, description = "the account", body = User),
        (status = 401, description = "the token does not work, or not any more", body = Failed),
        (status = 410, description = "the token is good, and its account was deleted or stopped", body = Gone),
    )
)]
pub(super) async fn current(State(api): State<Api>, caller: Caller) -> Response {
    let token = caller.token().unwrap_or_default();
    let fault = match api.account(&caller, token).await {
        Ok(account) => return Json(User::from(account)).into_response(),
        Err(status) => Fault::from(status),
    };
    if is_gone(&fault) {
        return (StatusCode::GONE, Json(Gone {})).into_response();
    }
    Failure(fault).into_response()
}

fn is_gone(fault: &Fault) -> bool {
    let Fault::Refused(refusal) = fault else {
        return false;
    };
    matches!(
        refusal.reason,
        ErrorReason::AccountDeleted | ErrorReason::AccountSuspended
    )
}
