//! `POST /api/users/token/{TOKEN}/{EMAIL}`
//!
//! The document calls the code of the mail a token. Clients of its time used `/api/users/otp/…`.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};

use super::{Done, Failed, Failure, Token};
use crate::{
    gateway::{api::Api, caller::Caller, fault::Fault, refusal::Refusal},
    proto::{ErrorReason, VerifyOtpRequest, verify_otp_request::Subject},
};

/// The code and the address, percent-decoded.
type Segments = Result<Path<(String, String)>, PathRejection>;

/// Activates the account of the email with the code that was sent there, and logs it in.
#[utoipa::path(
    post,
    path = "/api/users/token/{TOKEN}/{EMAIL}",
    params(
        ("TOKEN" = String, Path, description = "the 6 digits of the mail", example = "123456"),
        ("EMAIL" = String, Path, description = "the address that it went to", example = "broo@example.com"),
    ),
    responses(
        (status = 200, description = "the account is active; a token for 5 hours", body = Done<Token>),
        (status = 400, description = "the code does not work, or not any more; or somebody else was activated with \
            the number first", body = Failed),
        (status = 410, description = "the account was stopped", body = Failed),
    )
)]
pub(super) async fn verify(
    State(api): State<Api>,
    segments: Segments,
    caller: Caller,
) -> Result<Json<Done<Token>>, Failure> {
    let Ok(Path((code, email))) = segments else {
        return Err(Fault::Malformed(String::from("token is invalid")).into());
    };
    let message = VerifyOtpRequest {
        realm: api.realm(),
        subject: Some(Subject::Email(email)),
        code,
        request_id: caller.idempotency_key(),
        ..VerifyOtpRequest::default()
    };
    let request = api.request(&caller, message);
    let answer = api.client().verify_otp(request).await.map_err(refused)?;
    let tokens = answer.into_inner().tokens.ok_or(Fault::Internal)?;
    let data = Token {
        token: tokens.access_token,
    };
    Ok(Json(Done::new(data, "account active")))
}

/// The same.
#[utoipa::path(
    post,
    path = "/api/users/otp/{TOKEN}/{EMAIL}",
    params(
        ("TOKEN" = String, Path, description = "the 6 digits of the mail", example = "123456"),
        ("EMAIL" = String, Path, description = "the address that it went to", example = "broo@example.com"),
    ),
    responses(
        (status = 200, description = "the account is active; a token for 5 hours", body = Done<Token>),
        (status = 400, description = "the code does not work, or not any more; or somebody else was activated with \
            the number first", body = Failed),
        (status = 410, description = "the account was stopped", body = Failed),
    )
)]
pub(super) async fn verify_as_otp(
    state: State<Api>,
    segments: Segments,
    caller: Caller,
) -> Result<Json<Done<Token>>, Failure> {
    verify(state, segments, caller).await
}

/// What cannot be a code or an address, and whoever is not known, has no code that works.
fn refused(status: tonic::Status) -> Fault {
    let mut refusal = Refusal::from(status);
    let is_path = refusal.violation("code").is_some() || refusal.violation("email").is_some();
    if is_path || refusal.reason == ErrorReason::AccountNotFound {
        refusal.reason = ErrorReason::CodeIncorrect;
    }
    Fault::Refused(refusal)
}
