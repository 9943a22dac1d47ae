//! `POST /customer/reverify`

use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Failure, Told, answer, signup::SENT};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller},
    proto::{ErrorReason, ResendOtpRequest, resend_otp_request::Subject},
};

/// Whose code is to be sent again.
#[derive(Deserialize, ToSchema)]
pub(super) struct Reverify {
    #[serde(default)]
    #[schema(required, example = "peter")]
    username: String,
    /// The address that the account was registered with; may be left out, or empty.
    #[serde(default)]
    #[schema(example = "peter@example.com")]
    email: String,
}

/// Sends another code, when the one before has expired or was tried too often.
///
/// It goes to the address that the account was registered with and to no other.
#[utoipa::path(
    post,
    path = "/customer/reverify",
    request_body = Reverify,
    responses(
        (status = 200, description = "`VerificationEmailSent`", body = Told),
        (
            status = 400,
            description = "`OtpNotFound`: no account with that username and email waits for a code; `PendingOtp`: the code \
                before still works; `ValidationError`",
            body = Told
        ),
        (status = 429, description = "`TooManyRequests`: too many codes today", body = Told),
    )
)]
pub(super) async fn reverify(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Response, Failure> {
    let body: Reverify = body.json()?;
    let message = ResendOtpRequest {
        realm: api.realm(),
        subject: Some(Subject::Username(body.username)),
        address: body.email,
        request_id: caller.idempotency_key(),
        ..ResendOtpRequest::default()
    };
    let request = api.request(&caller, message);
    api.client().resend_otp(request).await.map_err(meant)?;
    Ok(answer(
        StatusCode::OK,
        Told::new(SENT, "A code is on its way to the email."),
    ))
}

/// Nobody's name, and nobody's address, has no code.
fn meant(status: tonic::Status) -> Failure {
    Failure::from(status)
        .meaning(ErrorReason::AccountNotFound, ErrorReason::CodeNotFound)
        .odd_field_meaning("username", ErrorReason::CodeNotFound)
        .odd_field_meaning("address", ErrorReason::CodeNotFound)
}
