//! The dialect `contact`: the document `contact.txt`.
//!
//! Every answer is `{"data": …, "message": "…", "errors": …}`, with `data` null where `errors` is true; only `GET
//! /api/users` has no envelope. Codes and addresses stand in paths. An account that cannot be used is 410.

mod current;
mod login;
mod register;
mod resend;
mod update;
mod verify;

use axum::{
    Router,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::Api,
    docs::{self, BearerToken},
    fault::{Fallback, Fault, answer},
    refusal::Refusal,
};
use crate::proto::ErrorReason;

/// What the page of the endpoints says of the dialect.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "accountd: contact",
        description = "Accounts with an email address and a phone number. A code in the path activates an account and \
            logs it in."
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// The endpoints, their document, and the words for what no endpoint knows.
pub(super) fn routes() -> (Router<Api>, docs::Describe, Fallback) {
    let (router, _) = endpoints().split_for_parts();
    (router, document, |fault| Failure(fault).into_response())
}

fn endpoints() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(current::current, update::update))
        .routes(routes!(verify::verify))
        .routes(routes!(verify::verify_as_otp))
        .routes(routes!(resend::resend))
        .routes(routes!(resend::resend_as_otp))
}

fn document() -> utoipa::openapi::OpenApi {
    docs::with_common(endpoints().into_openapi(), "Failed")
}

/// A success.
#[derive(Serialize, ToSchema)]
struct Done<T> {
    data: T,
    /// What was done, for people.
    message: &'static str,
    /// Always false.
    #[schema(example = false)]
    errors: bool,
}

impl<T> Done<T> {
    const fn new(data: T, message: &'static str) -> Self {
        Self {
            data,
            message,
            errors: false,
        }
    }
}

/// A failure.
#[derive(Serialize, ToSchema)]
struct Failed {
    /// Always null.
    #[schema(required, value_type = Option<String>, example = json!(null))]
    data: (),
    /// Why, for people.
    #[schema(example = "token is invalid")]
    message: String,
    /// Always true.
    #[schema(example = true)]
    errors: bool,
}

/// An access token.
#[derive(Serialize, ToSchema)]
struct Token {
    token: String,
}

/// Where a code went.
#[derive(Serialize, ToSchema)]
struct Address {
    #[schema(example = "broo@example.com")]
    email: String,
}

/// Why a request is not answered as it hoped, to be told in the document's words.
struct Failure(Fault);

impl<T: Into<Fault>> From<T> for Failure {
    fn from(fault: T) -> Self {
        Self(fault.into())
    }
}

impl axum::response::IntoResponse for Failure {
    fn into_response(self) -> Response {
        let retry = self.0.retry();
        let (status, message) = match &self.0 {
            Fault::Refused(refusal) => words(refusal),
            other => (
                other.status().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                other.text().to_owned(),
            ),
        };
        let body = Failed {
            data: (),
            message,
            errors: true,
        };
        answer(status, retry, body)
    }
}

/// What the document says of each reason; endpoints that mean another thing by one say so themselves.
fn words(refusal: &Refusal) -> (StatusCode, String) {
    use ErrorReason as Reason;
    let text = |text: &str| text.to_owned();
    match refusal.reason {
        Reason::InvalidField => (StatusCode::BAD_REQUEST, fields(refusal, "password")),
        Reason::CurrentPasswordIncorrect => (
            StatusCode::BAD_REQUEST,
            text("cant update data, wrong old password"),
        ),
        Reason::EmailTaken => (StatusCode::BAD_REQUEST, text("email is already exists")),
        Reason::PhoneTaken => (StatusCode::BAD_REQUEST, text("telp is already exists")),
        Reason::CodeIncorrect
        | Reason::CodeExpired
        | Reason::CodeNotFound
        | Reason::CodeAttemptsExhausted => (StatusCode::BAD_REQUEST, text("token is invalid")),
        Reason::AccountNotFound => (StatusCode::BAD_REQUEST, text("email not found")),
        Reason::MalformedRequest
        | Reason::RequestIdReused
        | Reason::FeatureDisabled
        | Reason::ReauthenticationRequired
        | Reason::CodeRequired
        | Reason::PictureTypeUnsupported
        | Reason::PictureMalformed
        | Reason::UploadMismatch => (StatusCode::BAD_REQUEST, refusal.text.clone()),
        Reason::InvalidCredentials => (
            StatusCode::UNAUTHORIZED,
            text("Authentication failed: No value present"),
        ),
        Reason::WrongPassword => (
            StatusCode::UNAUTHORIZED,
            text("Authentication failed: Bad Credential from user"),
        ),
        Reason::TokenMissing
        | Reason::TokenInvalid
        | Reason::TokenExpired
        | Reason::TokenRevoked
        | Reason::RefreshTokenInvalid
        | Reason::RefreshTokenExpired
        | Reason::RefreshTokenReused
        | Reason::UploadTicketInvalid => (StatusCode::UNAUTHORIZED, refusal.text.clone()),
        Reason::RealmUnknown
        | Reason::MethodUnknown
        | Reason::SessionNotFound
        | Reason::PictureNotFound => (StatusCode::NOT_FOUND, refusal.text.clone()),
        Reason::TransferTooSlow => (StatusCode::REQUEST_TIMEOUT, refusal.text.clone()),
        Reason::UsernameTaken
        | Reason::ExternalIdTaken
        | Reason::EtagMismatch
        | Reason::Conflict => (StatusCode::CONFLICT, refusal.text.clone()),
        Reason::AccountNotActivated => (StatusCode::GONE, text("user account not activated yet")),
        Reason::AccountSuspended | Reason::PasswordChangeRequired | Reason::AccountDeleted => {
            (StatusCode::GONE, refusal.text.clone())
        }
        Reason::PictureTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, refusal.text.clone()),
        Reason::CodeResendTooSoon | Reason::CodeQuotaExceeded | Reason::RateLimited => {
            (StatusCode::TOO_MANY_REQUESTS, refusal.text.clone())
        }
        Reason::PictureDamaged
        | Reason::ScopeMissing
        | Reason::LimitNotFound
        | Reason::Internal
        | Reason::Unspecified => (StatusCode::INTERNAL_SERVER_ERROR, refusal.text.clone()),
        Reason::Overloaded | Reason::DependencyUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, refusal.text.clone())
        }
        Reason::DeadlineExceeded => (StatusCode::GATEWAY_TIMEOUT, refusal.text.clone()),
    }
}

/// All that is wrong with the fields, by the document's names; `password` is what it calls the one to be set.
fn fields(refusal: &Refusal, password: &str) -> String {
    let told = refusal.violations.iter().map(|one| {
        let name = match one.field.as_str() {
            "full_name" => "nama",
            "phone" => "telp",
            "password" => password,
            "current_password" => "oldpassword",
            "request_id" => "Idempotency-Key",
            other => other,
        };
        format!("{name} {}", one.text)
    });
    told.collect::<Vec<_>>().join(", ")
}
