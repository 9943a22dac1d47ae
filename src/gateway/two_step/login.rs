//! `POST /api/users/login` and `POST /api/users/login/verify-verification-code`
//!
//! The document does not name the second path; the clients of its time used this one.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Data, LENGTH, UserId,
    failure::{Errors, Failure, of_code},
};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault, text::Digits},
    proto::{
        ErrorReason, LoginRequest, LogoutRequest, OtpPurpose, VerifyOtpRequest,
        login_request::Identifier, verify_otp_request::Subject,
    },
};

/// Email and password.
#[derive(Deserialize, ToSchema)]
pub(super) struct Login {
    #[serde(default)]
    #[schema(required, example = "naruto@gmail.com")]
    email: String,
    /// Spelt as the document does; `password` is taken too.
    #[serde(default, rename = "passoword", alias = "password")]
    #[schema(required, format = Password, example = "Naruto123$")]
    password: String,
}

/// Who is waited for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FirstStep {
    #[schema(example = "0192f0c1-7a3b-7c4d-8e5f-0123456789ab")]
    user_id: String,
    #[schema(example = "naruto123")]
    username: String,
    #[schema(example = "Verification code sent successfully")]
    message: String,
}

/// The code of the mail.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VerifyLogin {
    #[serde(default)]
    #[schema(required)]
    user_id: UserId,
    #[serde(default)]
    #[schema(required, example = "naruto123")]
    username: String,
    #[serde(default)]
    #[schema(required)]
    code: Digits,
}

/// The account and its token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoggedIn {
    #[schema(example = "0192f0c1-7a3b-7c4d-8e5f-0123456789ab")]
    user_id: String,
    email: String,
    username: String,
    name: String,
    #[schema(example = "Login successful")]
    message: String,
    token: String,
}

/// Takes the password, and sends the code that the second step takes.
#[utoipa::path(
    post,
    path = "/api/users/login",
    request_body = Login,
    responses(
        (status = 200, description = "a code is on its way", body = Data<FirstStep>),
        (status = 400, description = "a field cannot be taken", body = Errors),
        (status = 401, description = "no active account has that email and that password", body = Errors),
    )
)]
pub(super) async fn login(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Data<FirstStep>>, Failure> {
    let body: Login = body.json()?;
    let message = LoginRequest {
        realm: api.realm(),
        identifier: Some(Identifier::Email(body.email)),
        password: body.password,
        request_id: caller.idempotency_key(),
    };
    let request = api.request(&caller, message);
    let answer = api.client().login(request).await.map_err(not_valid)?;
    let answer = answer.into_inner();
    if answer.challenge.is_none() {
        tracing::error!("the realm of two_step logs in by one step, so no code is on its way");
        return Err(Fault::Internal.into());
    }
    let account = answer.account.ok_or(Fault::Internal)?;
    let data = FirstStep {
        user_id: account.id,
        username: account.username,
        message: String::from("Verification code sent successfully"),
    };
    Ok(Json(Data { data }))
}

/// The document has one text for all who may not log in.
fn not_valid(status: tonic::Status) -> Fault {
    let mut fault = Fault::from(status);
    if let Fault::Refused(refusal) = &mut fault
        && matches!(
            refusal.reason,
            ErrorReason::AccountSuspended | ErrorReason::PasswordChangeRequired
        )
    {
        refusal.reason = ErrorReason::InvalidCredentials;
    }
    fault
}

/// Takes the code of a login and gives a token for an hour.
#[utoipa::path(
    post,
    path = "/api/users/login/verify-verification-code",
    operation_id = "verify_login",
    request_body = VerifyLogin,
    responses(
        (status = 200, description = "the token", body = Data<LoggedIn>),
        (status = 400, description = "the code does not work for this account", body = Errors),
        (status = 401, description = "the account was stopped since its password was taken", body = Errors),
    )
)]
pub(super) async fn verify(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Data<LoggedIn>>, Failure> {
    let body: VerifyLogin = body.json()?;
    if body.username.is_empty() {
        return Err(Failure::Field("\"username\" must be given"));
    }
    let message = VerifyOtpRequest {
        realm: api.realm(),
        subject: Some(Subject::AccountId(body.user_id.into_text())),
        purpose: OtpPurpose::Login.into(),
        code: body.code.padded(LENGTH),
        // No idempotency key: the user name is not part of the call, and an answer replayed to another one would have the
        // tokens of a session that has been ended.
        ..VerifyOtpRequest::default()
    };
    let request = api.request(&caller, message);
    let answer = api.client().verify_otp(request).await.map_err(of_code)?;
    let answer = answer.into_inner();
    let account = answer.account.ok_or(Fault::Internal)?;
    let token = answer.tokens.ok_or(Fault::Internal)?.access_token;
    if !account.username.eq_ignore_ascii_case(&body.username) {
        return Err(refuse(&api, &caller, &token).await);
    }
    let data = LoggedIn {
        user_id: account.id,
        email: account.email,
        username: account.username,
        name: account.full_name,
        message: String::from("Login successful"),
        token,
    };
    Ok(Json(Data { data }))
}

/// Who brings the code names somebody else. Its session is ended before anybody has seen its token.
async fn refuse(api: &Api, caller: &Caller, token: &str) -> Failure {
    let request = api.request_as(caller, token, LogoutRequest::default());
    if let Err(status) = api.client().logout(request).await {
        return of_code(status).into();
    }
    Failure::Code
}
