//! `POST /customer/logout`

use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{Failure, Told, answer, failure};
use crate::{
    gateway::{api::Api, caller::Caller},
    proto::LogoutRequest,
};

/// Ends the session of the token.
#[utoipa::path(
    post,
    path = "/customer/logout",
    security(("token" = [])),
    responses(
        (status = 200, description = "`SuccessfullyLogout`", body = Told),
        (
            status = 401,
            description = "`VerifyError`, `InactiveUserRequest`, `JsonWebTokenError`, `TokenExpiredError`, or `{}` without \
                a token",
            body = Object
        ),
    )
)]
pub(super) async fn logout(State(api): State<Api>, caller: Caller) -> Result<Response, Failure> {
    let token = failure::token(&caller)?;
    let message = LogoutRequest {
        request_id: caller.idempotency_key(),
        ..LogoutRequest::default()
    };
    let request = api.request_as(&caller, token, message);
    let done = api.client().logout(request).await;
    done.map_err(Failure::with_token(token))?;
    Ok(answer(
        StatusCode::OK,
        Told::new("SuccessfullyLogout", "You are logged out."),
    ))
}
