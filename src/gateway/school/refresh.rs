//! `GET /auth/refresh`

use axum::{Extension, Json, extract::State};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Desk, Failure, Message, cookies};
use crate::{
    gateway::{api::Api, caller::Caller, fault::Fault, refusal::Refusal},
    proto::{ErrorReason, RefreshRequest, Tokens},
};

/// The next token.
#[derive(Serialize, ToSchema)]
pub(super) struct Refreshed {
    /// For five minutes.
    #[serde(rename = "accessToken")]
    access_token: String,
}

/// Gives the next access token, and the next refresh token in the cookie.
#[utoipa::path(
    get,
    path = "/auth/refresh",
    security(("session" = [])),
    responses(
        (status = 200, description = "a token, and the cookie renewed", body = Refreshed),
        (status = 403, description = "the cookie is missing or holds no session any more", body = Message),
    )
)]
pub(super) async fn refresh(
    State(api): State<Api>,
    Extension(desk): Extension<Desk>,
    caller: Caller,
    jar: CookieJar,
) -> Result<(CookieJar, Json<Refreshed>), Failure> {
    let tokens = match cookies::given(&jar) {
        Some(token) => if_alive(&api, &caller, token).await?,
        None => None,
    };
    let tokens = tokens.ok_or(Failure::new(
        StatusCode::FORBIDDEN,
        "Refresh Token Invalid!",
    ))?;
    let body = Refreshed {
        access_token: tokens.access_token,
    };
    Ok((desk.cookies.keep(tokens.refresh_token), Json(body)))
}

/// The next pair of tokens, or none where the token holds no session any more.
///
/// The contract gives the successor again to who asks again, so a client that loses the answer, or does not look for a
/// cookie in it, loses nothing.
pub(super) async fn if_alive(
    api: &Api,
    caller: &Caller,
    token: &str,
) -> Result<Option<Tokens>, Failure> {
    let message = RefreshRequest {
        refresh_token: token.to_owned(),
        ..RefreshRequest::default()
    };
    let request = api.request(caller, message);
    match api.client().refresh(request).await.map_err(Fault::from) {
        Ok(answer) => Ok(Some(answer.into_inner().tokens.ok_or(Fault::Internal)?)),
        Err(Fault::Refused(refusal)) if is_dead(&refusal) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Whether a refusal says that the token holds no session.
fn is_dead(refusal: &Refusal) -> bool {
    match refusal.reason {
        ErrorReason::RefreshTokenInvalid
        | ErrorReason::RefreshTokenExpired
        | ErrorReason::RefreshTokenReused
        | ErrorReason::AccountSuspended => true,
        // It cannot be a token at all.
        _ => refusal.violation("refresh_token").is_some(),
    }
}
