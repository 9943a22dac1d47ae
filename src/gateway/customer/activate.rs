//! `POST /customer/activate`

use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Failure, Token, Told, signin::logged_in};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, text::Digits},
    proto::{ErrorReason, VerifyOtpRequest, verify_otp_request::Subject},
};

/// Digits of a code.
pub(super) const LENGTH: usize = 6;

/// The code of the mail.
#[derive(Deserialize, ToSchema)]
pub(super) struct Activate {
    #[serde(default)]
    #[schema(required, example = "peter")]
    username: String,
    /// As text or as a number; a number is taken to have lost its leading zeros.
    #[serde(default)]
    #[schema(required)]
    otp: Digits,
}

/// Activates the account, and logs in.
#[utoipa::path(
    post,
    path = "/customer/activate",
    request_body = Activate,
    responses(
        (status = 200, description = "a token for 30 minutes", body = Token),
        (
            status = 400,
            description = "`OtpNotFound`, `OtpExpired`, `TooMuchTrials`, `InvalidOtp`; `UserAlreadyExisted` when somebody \
                else was activated with the same names first; `ValidationError`",
            body = Told
        ),
        (status = 401, description = "`InactiveUserRequest`: the account was stopped", body = Told),
    )
)]
pub(super) async fn activate(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Response, Failure> {
    let body: Activate = body.json()?;
    let message = VerifyOtpRequest {
        realm: api.realm(),
        subject: Some(Subject::Username(body.username)),
        code: body.otp.padded(LENGTH),
        request_id: caller.idempotency_key(),
        ..VerifyOtpRequest::default()
    };
    let request = api.request(&caller, message);
    let answered = api.client().verify_otp(request).await.map_err(meant)?;
    logged_in(answered.into_inner().tokens)
}

/// Nobody's name has no code, and digits that are none are a wrong code.
fn meant(status: tonic::Status) -> Failure {
    Failure::from(status)
        .meaning(ErrorReason::AccountNotFound, ErrorReason::CodeNotFound)
        .odd_field_meaning("code", ErrorReason::CodeIncorrect)
        .odd_field_meaning("username", ErrorReason::CodeNotFound)
}
