//! `POST /api/v1/users/{userId}/verify-otp` and `…/refresh-otp`

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Data, Errors, Failure};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault, text::Digits},
    proto::{
        ErrorReason, ResendOtpRequest, VerifyOtpRequest, resend_otp_request, verify_otp_request,
    },
};

/// Digits of a code.
const LENGTH: usize = 6;

/// The code of the mail.
#[derive(Deserialize, ToSchema)]
pub(super) struct VerifyOtp {
    #[serde(default)]
    #[schema(required)]
    otp_code: Digits,
}

/// Activates the account. A login must follow.
#[utoipa::path(
    post,
    path = "/api/v1/users/{userId}/verify-otp",
    params(("userId" = String, Path, description = "the id that registration gave")),
    request_body = VerifyOtp,
    responses(
        (status = 200, description = "the account is active", body = Data<String>),
        (status = 400, description = "the code does not work, or not any more", body = Errors),
        (status = 404, description = "no account that waits for a code has the id", body = Errors),
        (status = 409, description = "somebody else was activated with the same names first", body = Errors),
    )
)]
pub(super) async fn verify_otp(
    State(api): State<Api>,
    user_id: Result<Path<String>, PathRejection>,
    caller: Caller,
    body: Body,
) -> Result<Json<Data<&'static str>>, Failure> {
    let body: VerifyOtp = body.json()?;
    let message = VerifyOtpRequest {
        realm: api.realm(),
        subject: Some(verify_otp_request::Subject::AccountId(id(user_id))),
        code: body.otp_code.padded(LENGTH),
        request_id: caller.idempotency_key(),
        ..VerifyOtpRequest::default()
    };
    let request = api.request(&caller, message);
    api.client().verify_otp(request).await.map_err(no_user)?;
    Ok(Json(Data { data: "OK" }))
}

/// Sends a new code in place of the one before.
#[utoipa::path(
    post,
    path = "/api/v1/users/{userId}/refresh-otp",
    params(("userId" = String, Path, description = "the id that registration gave")),
    responses(
        (status = 200, description = "a code is on its way", body = Data<String>),
        (status = 404, description = "no account that waits for a code has the id", body = Errors),
        (status = 429, description = "a code was sent just now, or too many today", body = Errors),
    )
)]
pub(super) async fn refresh_otp(
    State(api): State<Api>,
    user_id: Result<Path<String>, PathRejection>,
    caller: Caller,
) -> Result<Json<Data<&'static str>>, Failure> {
    let message = ResendOtpRequest {
        realm: api.realm(),
        subject: Some(resend_otp_request::Subject::AccountId(id(user_id))),
        request_id: caller.idempotency_key(),
        ..ResendOtpRequest::default()
    };
    let request = api.request(&caller, message);
    api.client().resend_otp(request).await.map_err(no_user)?;
    Ok(Json(Data { data: "OK" }))
}

/// An id that is none, or whose account waits for no code, is nobody's.
fn no_user(status: tonic::Status) -> Fault {
    match Fault::from(status) {
        Fault::Refused(mut refusal) => {
            let is_id = refusal.violation("account_id").is_some();
            if is_id || refusal.reason == ErrorReason::CodeNotFound {
                refusal.reason = ErrorReason::AccountNotFound;
            }
            Fault::Refused(refusal)
        }
        other => other,
    }
}

/// The id of the path; what is no text is nobody's.
fn id(path: Result<Path<String>, PathRejection>) -> String {
    path.map_or_else(|_| String::from("?"), |Path(id)| id)
}
