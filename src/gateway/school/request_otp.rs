//! `POST /auth/otp`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Failure, Message};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller},
    proto::{OtpPurpose, RequestOtpRequest},
};

/// Where the code goes.
#[derive(Deserialize, ToSchema)]
pub(super) struct RequestOtp {
    #[serde(default)]
    #[schema(required, format = Email, example = "zackdesu@email.com")]
    email: String,
}

/// Sends a code to an email, for a registration or a change that names it.
#[utoipa::path(
    post,
    path = "/auth/otp",
    request_body = RequestOtp,
    responses(
        (status = 200, description = "a code is on its way", body = Message),
        (status = 400, description = "the email cannot be taken", body = Message),
        (status = 429, description = "a code is out already, or there are too many requests", body = Message),
    )
)]
pub(super) async fn request_otp(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Message>, Failure> {
    let body: RequestOtp = body.json()?;
    let message = RequestOtpRequest {
        realm: api.realm(),
        email: body.email,
        purpose: OtpPurpose::ProveAddress.into(),
        request_id: caller.idempotency_key(),
        ..RequestOtpRequest::default()
    };
    let request = api.request(&caller, message);
    api.client().request_otp(request).await?;
    Ok(Json(Message::of("OTP code sent successfully!")))
}
