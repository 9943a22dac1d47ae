//! `POST /api/users` and `POST /api/users/register/verify-verification-code`
//!
//! The document does not name the second path; the clients of its time used this one.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Data, LENGTH, UserId,
    failure::{Errors, Failure, of_code},
};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault, text::Digits},
    proto::{OtpPurpose, RegisterRequest, VerifyOtpRequest, verify_otp_request::Subject},
};

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Register {
    /// Letters and digits.
    #[serde(default)]
    #[schema(required, min_length = 3, max_length = 30, example = "narutokonoha")]
    username: String,
    #[serde(default)]
    #[schema(required, format = Password, min_length = 8, max_length = 128, example = "naruto123")]
    password: String,
    /// The password once more.
    #[serde(default)]
    #[schema(required, format = Password, example = "naruto123")]
    password_confirmation: String,
    #[serde(default)]
    #[schema(required, format = Email, example = "naruto@gmail.com")]
    email: String,
    #[serde(default)]
    #[schema(required, min_length = 3, max_length = 50, example = "Uzumaki Naruto")]
    name: String,
}

/// The code of the mail.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VerifyRegistration {
    #[serde(default)]
    #[schema(required)]
    user_id: UserId,
    #[serde(default)]
    #[schema(required)]
    code: Digits,
}

/// The account, and what comes next.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registered {
    #[schema(example = "0192f0c1-7a3b-7c4d-8e5f-0123456789ab")]
    user_id: String,
    #[schema(example = "Verification code sent successfully")]
    message: String,
}

/// Registers an account, which cannot log in until its code comes back.
#[utoipa::path(
    post,
    path = "/api/users",
    request_body = Register,
    responses(
        (status = 200, description = "a code is on its way", body = Data<Registered>),
        (status = 400, description = "a field cannot be taken, or the user name or the email is taken", body = Errors),
    )
)]
pub(super) async fn register(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Data<Registered>>, Failure> {
    let body: Register = body.json()?;
    if body.password != body.password_confirmation {
        return Err(Failure::Field(
            "Password confirmation must match the password.",
        ));
    }
    let message = RegisterRequest {
        realm: api.realm(),
        username: body.username,
        email: body.email,
        full_name: body.name,
        password: body.password,
        request_id: caller.idempotency_key(),
        ..RegisterRequest::default()
    };
    let request = api.request(&caller, message);
    let answer = api.client().register(request).await?.into_inner();
    let data = Registered {
        user_id: answer.account.ok_or(Fault::Internal)?.id,
        message: String::from("Verification code sent successfully"),
    };
    Ok(Json(Data { data }))
}

/// Activates the account. A login must follow.
#[utoipa::path(
    post,
    path = "/api/users/register/verify-verification-code",
    operation_id = "verify_registration",
    request_body = VerifyRegistration,
    responses(
        (status = 201, description = "the account is active", body = Data<Registered>),
        (status = 400, description = "the code does not work, or somebody else was activated with the same names first", body = Errors),
    )
)]
pub(super) async fn verify(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<(StatusCode, Json<Data<Registered>>), Failure> {
    let body: VerifyRegistration = body.json()?;
    let message = VerifyOtpRequest {
        realm: api.realm(),
        subject: Some(Subject::AccountId(body.user_id.into_text())),
        purpose: OtpPurpose::Activate.into(),
        code: body.code.padded(LENGTH),
        request_id: caller.idempotency_key(),
        ..VerifyOtpRequest::default()
    };
    let request = api.request(&caller, message);
    let answer = api.client().verify_otp(request).await.map_err(of_code)?;
    let data = Registered {
        user_id: answer.into_inner().account.ok_or(Fault::Internal)?.id,
        message: String::from("registration successful, please login"),
    };
    Ok((StatusCode::CREATED, Json(Data { data })))
}
