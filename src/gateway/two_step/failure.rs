//! What the document says when something goes wrong.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    gateway::{
        fault::{Fault, answer},
        refusal::Refusal,
    },
    proto::ErrorReason,
};

/// What the document says of every code that does not work, letter by letter.
const INCORRECT: &str = "Verification code is incorrenct";

/// A failure.
#[derive(Serialize, ToSchema)]
pub(super) struct Errors {
    errors: Told,
}

/// Why, for people.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Told {
    /// One cause.
    One(String),
    /// One text for each field that cannot be taken.
    Fields(Vec<String>),
}

/// Why a request is not answered as it hoped, to be told in the document's words.
pub(super) enum Failure {
    /// What every dialect may meet.
    Fault(Fault),
    /// A field that the contract does not see cannot be taken.
    Field(&'static str),
    /// The code is right and the rest is not.
    Code,
    /// The token is good and the rest is not.
    Unauthorized,
}

impl<T: Into<Fault>> From<T> for Failure {
    fn from(fault: T) -> Self {
        Self::Fault(fault.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut retry = None;
        let (status, errors) = match self {
            Self::Field(text) => (StatusCode::BAD_REQUEST, Told::Fields(vec![text.to_owned()])),
            Self::Code => (StatusCode::BAD_REQUEST, one(INCORRECT)),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, one("Unauthorized")),
            Self::Fault(fault) => {
                retry = fault.retry();
                match &fault {
                    Fault::Refused(refusal) => words(refusal),
                    other => (
                        other.status().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                        one(other.text()),
                    ),
                }
            }
        };
        answer(status, retry, Errors { errors })
    }
}

fn one(text: &str) -> Told {
    Told::One(text.to_owned())
}

/// What the document says of each reason; endpoints that mean another thing by one say so themselves.
fn words(refusal: &Refusal) -> (StatusCode, Told) {
    use ErrorReason as Reason;
    let own = || one(&refusal.text);
    match refusal.reason {
        Reason::InvalidField => (StatusCode::BAD_REQUEST, fields(refusal)),
        Reason::MalformedRequest
        | Reason::RequestIdReused
        | Reason::FeatureDisabled
        | Reason::PhoneTaken
        | Reason::ExternalIdTaken
        | Reason::PictureTypeUnsupported
        | Reason::PictureMalformed
        | Reason::UploadMismatch => (StatusCode::BAD_REQUEST, own()),
        Reason::UsernameTaken => (StatusCode::BAD_REQUEST, one("username already used")),
        Reason::EmailTaken => (StatusCode::BAD_REQUEST, one("email already used")),
        Reason::CodeIncorrect
        | Reason::CodeExpired
        | Reason::CodeNotFound
        | Reason::CodeAttemptsExhausted
        | Reason::CodeRequired => (StatusCode::BAD_REQUEST, one(INCORRECT)),
        Reason::InvalidCredentials
        | Reason::AccountNotFound
        | Reason::WrongPassword
        | Reason::AccountNotActivated => (
            StatusCode::UNAUTHORIZED,
            one("username or password not valid"),
        ),
        // A new login is the way on from each of them.
        Reason::AccountSuspended
        | Reason::PasswordChangeRequired
        | Reason::AccountDeleted
        | Reason::CurrentPasswordIncorrect
        | Reason::ReauthenticationRequired
        | Reason::TokenMissing
        | Reason::TokenInvalid
        | Reason::TokenExpired
        | Reason::TokenRevoked
        | Reason::RefreshTokenInvalid
        | Reason::RefreshTokenExpired
        | Reason::RefreshTokenReused
        | Reason::UploadTicketInvalid => (StatusCode::UNAUTHORIZED, one("Unauthorized")),
        Reason::SessionNotFound | Reason::PictureNotFound => (StatusCode::NOT_FOUND, own()),
        Reason::TransferTooSlow => (StatusCode::REQUEST_TIMEOUT, own()),
        Reason::EtagMismatch | Reason::Conflict => (StatusCode::CONFLICT, own()),
        Reason::PictureTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, own()),
        Reason::CodeResendTooSoon | Reason::CodeQuotaExceeded | Reason::RateLimited => {
            (StatusCode::TOO_MANY_REQUESTS, own())
        }
        Reason::Overloaded | Reason::DependencyUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, own())
        }
        Reason::DeadlineExceeded => (StatusCode::GATEWAY_TIMEOUT, own()),
        // The realm is the operator's to name, and the methods are ours.
        Reason::RealmUnknown
        | Reason::MethodUnknown
        | Reason::PictureDamaged
        | Reason::ScopeMissing
        | Reason::LimitNotFound
        | Reason::Internal
        | Reason::Unspecified => (StatusCode::INTERNAL_SERVER_ERROR, own()),
    }
}

/// All that is wrong with the fields, by the names that the document gives them.
fn fields(refusal: &Refusal) -> Told {
    if refusal.violations.is_empty() {
        return one(&refusal.text);
    }
    let name = |field: &str| match field {
        "full_name" => "name".to_owned(),
        "account_id" => "userId".to_owned(),
        "request_id" => "Idempotency-Key".to_owned(),
        other => other.to_owned(),
    };
    let told = refusal.violations.iter();
    let told = told.map(|one| format!("\"{}\" {}", name(&one.field), one.text));
    Told::Fields(told.collect())
}

/// Why a code is not taken: an id that nobody has, and a text that is no code, are told as a wrong code.
pub(super) fn of_code(status: tonic::Status) -> Fault {
    match Fault::from(status) {
        Fault::Refused(mut refusal) => {
            let mut violations = refusal.violations.iter();
            let is_wrong = violations.all(|one| {
                matches!(one.field.as_str(), "account_id" | "code") && one.reason != "REQUIRED"
            });
            let is_told = refusal.reason == ErrorReason::InvalidField;
            if refusal.reason == ErrorReason::AccountNotFound || (is_told && is_wrong) {
                refusal.reason = ErrorReason::CodeIncorrect;
            }
            Fault::Refused(refusal)
        }
        other => other,
    }
}
