//! The dialect `profile`: the document `profile.txt`.
//!
//! Every success is `{"data": …}`, every failure `{"errors": "…"}`. Tokens come bare in `Authorization`, or with
//! `Bearer`. A code proves an account by the id in the path; nobody is logged in by it.

mod codes;
mod current;
mod login;
mod register;

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
    docs::{self, BareToken},
    fault::{Fallback, Fault, answer},
    refusal::Refusal,
};
use crate::proto::{Account, AccountState, ErrorReason};

/// What the dialect's OpenAPI document says of itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "accountd: profile",
        description = "Accounts with a profile. Tokens stand bare in `Authorization`, or behind `Bearer`."
    ),
    modifiers(&BareToken)
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
        .routes(routes!(codes::verify_otp))
        .routes(routes!(codes::refresh_otp))
        .routes(routes!(current::logout, current::logout_by_post))
        .routes(routes!(current::current, current::current_by_get))
}

fn document() -> utoipa::openapi::OpenApi {
    docs::with_common(endpoints().into_openapi(), "Errors")
}

/// A success.
#[derive(Serialize, ToSchema)]
struct Data<T> {
    data: T,
}

/// A failure.
#[derive(Serialize, ToSchema)]
struct Errors {
    /// Why, for people.
    #[schema(example = "Unauthorized")]
    errors: String,
}

/// An account, in the order of the document.
#[derive(Serialize, ToSchema)]
struct User {
    #[schema(example = "0192f0c1-7a3b-7c4d-8e5f-0123456789ab")]
    id: String,
    username: String,
    full_name: String,
    email: String,
    /// `YYYY-MM-DD`, or null.
    #[schema(example = "2002-08-08")]
    birth_date: Option<String>,
    #[schema(example = "USER")]
    role: String,
    /// Whether the code has come back.
    is_active: bool,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970.
    updated_at: i64,
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        let is_active = account.state() == AccountState::Active;
        let millis = |at: Option<prost_types::Timestamp>| {
            at.map_or(0, |at| at.seconds * 1000 + i64::from(at.nanos / 1_000_000))
        };
        Self {
            id: account.id,
            username: account.username,
            full_name: account.full_name,
            email: account.email,
            birth_date: account
                .birth_date
                .map(|date| format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)),
            role: account.role,
            is_active,
            created_at: millis(account.create_time),
            updated_at: millis(account.update_time),
        }
    }
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
        let (status, errors) = match &self.0 {
            Fault::Refused(refusal) => words(refusal),
            Fault::NotFound => (StatusCode::NOT_FOUND, String::from("Are you lost?")),
            other => (
                other.status().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                other.text().to_owned(),
            ),
        };
        answer(status, retry, Errors { errors })
    }
}

/// What the document says of each reason; endpoints that mean another thing by one say so themselves.
fn words(refusal: &Refusal) -> (StatusCode, String) {
    use ErrorReason as Reason;
    let text = |text: &str| text.to_owned();
    match refusal.reason {
        Reason::InvalidField => (StatusCode::BAD_REQUEST, fields(refusal)),
        Reason::MalformedRequest
        | Reason::CurrentPasswordIncorrect
        | Reason::RequestIdReused
        | Reason::FeatureDisabled
        | Reason::ReauthenticationRequired
        | Reason::CodeRequired
        | Reason::PictureTypeUnsupported
        | Reason::PictureMalformed
        | Reason::UploadMismatch => (StatusCode::BAD_REQUEST, refusal.text.clone()),
        Reason::UsernameTaken => (StatusCode::CONFLICT, text("Username already registered")),
        Reason::EmailTaken => (StatusCode::CONFLICT, text("Email already registered")),
        Reason::PhoneTaken | Reason::ExternalIdTaken | Reason::EtagMismatch | Reason::Conflict => {
            (StatusCode::CONFLICT, refusal.text.clone())
        }
        Reason::InvalidCredentials
        | Reason::WrongPassword
        | Reason::AccountNotActivated
        | Reason::AccountSuspended
        | Reason::PasswordChangeRequired
        | Reason::AccountDeleted
        | Reason::TokenMissing
        | Reason::TokenInvalid
        | Reason::TokenExpired
        | Reason::TokenRevoked
        | Reason::RefreshTokenInvalid
        | Reason::RefreshTokenExpired
        | Reason::RefreshTokenReused
        | Reason::UploadTicketInvalid => (StatusCode::UNAUTHORIZED, text("Unauthorized")),
        Reason::AccountNotFound => (StatusCode::NOT_FOUND, text("User not found")),
        Reason::RealmUnknown
        | Reason::MethodUnknown
        | Reason::SessionNotFound
        | Reason::PictureNotFound => (StatusCode::NOT_FOUND, refusal.text.clone()),
        Reason::CodeIncorrect => (
            StatusCode::BAD_REQUEST,
            text("The OTP code is invalid. Please check the code and try again."),
        ),
        Reason::CodeExpired | Reason::CodeNotFound | Reason::CodeAttemptsExhausted => (
            StatusCode::BAD_REQUEST,
            text("The OTP code has expired. Please request a new one."),
        ),
        Reason::CodeResendTooSoon | Reason::CodeQuotaExceeded | Reason::RateLimited => {
            (StatusCode::TOO_MANY_REQUESTS, refusal.text.clone())
        }
        Reason::PictureTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, refusal.text.clone()),
        Reason::TransferTooSlow => (StatusCode::REQUEST_TIMEOUT, refusal.text.clone()),
        Reason::Overloaded | Reason::DependencyUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, refusal.text.clone())
        }
        Reason::DeadlineExceeded => (StatusCode::GATEWAY_TIMEOUT, refusal.text.clone()),
        Reason::PictureDamaged
        | Reason::ScopeMissing
        | Reason::LimitNotFound
        | Reason::Internal
        | Reason::Unspecified => (StatusCode::INTERNAL_SERVER_ERROR, refusal.text.clone()),
    }
}

/// All that is wrong with the fields, joined as the original joins it.
fn fields(refusal: &Refusal) -> String {
    let told = refusal.violations.iter();
    let told: Vec<String> = told
        .map(|one| format!("\"{}\" {}", one.field, one.text))
        .collect();
    told.join(". ")
}
