//! `POST /api/users/resend-token/{email}`
//!
//! Clients of the document's time used `/api/users/resend-otp/{email}`.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};

use super::{Address, Done, Failed, Failure};
use crate::{
    gateway::{api::Api, caller::Caller, fault::Fault, refusal::Refusal},
    proto::{ErrorReason, ResendOtpRequest, resend_otp_request::Subject},
};

/// The address, percent-decoded.
type Segment = Result<Path<String>, PathRejection>;

/// Sends a new code in place of the one before.
#[utoipa::path(
    post,
    path = "/api/users/resend-token/{email}",
    params(("email" = String, Path, description = "the address that was registered", example = "broo@example.com")),
    responses(
        (status = 200, description = "a code is on its way", body = Done<Address>),
        (status = 400, description = "no account of that address waits for a code", body = Failed),
        (status = 429, description = "a code was sent just now, or too many today", body = Failed),
    )
)]
pub(super) async fn resend(
    State(api): State<Api>,
    segment: Segment,
    caller: Caller,
) -> Result<Json<Done<Address>>, Failure> {
    let Ok(Path(email)) = segment else {
        return Err(Fault::Malformed(String::from("email not found")).into());
    };
    let message = ResendOtpRequest {
        realm: api.realm(),
        subject: Some(Subject::Email(email.clone())),
        request_id: caller.idempotency_key(),
        ..ResendOtpRequest::default()
    };
    let request = api.request(&caller, message);
    api.client().resend_otp(request).await.map_err(refused)?;
    Ok(Json(Done::new(Address { email }, "token already sent")))
}

/// The same.
#[utoipa::path(
    post,
    path = "/api/users/resend-otp/{email}",
    params(("email" = String, Path, description = "the address that was registered", example = "broo@example.com")),
    responses(
        (status = 200, description = "a code is on its way", body = Done<Address>),
        (status = 400, description = "no account of that address waits for a code", body = Failed),
        (status = 429, description = "a code was sent just now, or too many today", body = Failed),
    )
)]
pub(super) async fn resend_as_otp(
    state: State<Api>,
    segment: Segment,
    caller: Caller,
) -> Result<Json<Done<Address>>, Failure> {
    resend(state, segment, caller).await
}

/// An address that is none, or whose account waits for no code, is nobody's.
fn refused(status: tonic::Status) -> Fault {
    let mut refusal = Refusal::from(status);
    let is_none = refusal.violation("email").is_some();
    if is_none || refusal.reason == ErrorReason::CodeNotFound {
        refusal.reason = ErrorReason::AccountNotFound;
    }
    Fault::Refused(refusal)
}
