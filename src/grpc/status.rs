//! A refusal, as gRPC tells it: a code, a text and typed details.

use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, QuotaViolation, StatusExt as _};

use crate::{
    backend::Timestamp,
    error::{Error, FieldFault},
    metrics,
};

/// The domain of every reason.
pub const DOMAIN: &str = "accountd";

/// How soon a call may be sent again that was refused for want of something that is expected back.
const SOON: Duration = Duration::from_secs(1);

/// Turns a refusal into the status of the contract. A fault of our own is logged here, once, and told in neutral words;
/// a refusal by a limit is counted.
pub fn status(error: &Error, request_id: &str) -> Status {
    if let Error::Internal(cause) = error {
        tracing::error!(%cause, id = request_id, "internal fault");
    }
    if let Error::RateLimited { limit, .. } = error {
        metrics::rate_limited(limit);
    }
    let mut details = ErrorDetails::new();
    details.set_error_info(error.reason(), DOMAIN, metadata(error));
    details.set_request_info(request_id, "");
    add_fields(&mut details, error);
    if let Some(retry) = retry(error) {
        details.set_retry_info(Some(retry));
    }
    if let Some((subject, text)) = quota(error) {
        details.set_quota_failure(vec![QuotaViolation::new(subject, text)]);
    }
    let text = match error {
        Error::Internal(_) => format!("internal fault, logged as {request_id}"),
        told => told.to_string(),
    };
    Status::with_error_details(code(error), text, details)
}

/// The gRPC code of each reason, as `error_reason.proto` states it.
pub const fn code(error: &Error) -> Code {
    match error {
        Error::InvalidField(_)
        | Error::MalformedRequest
        | Error::CurrentPasswordIncorrect
        | Error::CodeIncorrect { .. }
        | Error::CodeRequired
        | Error::RequestIdReused
        | Error::PictureTypeUnsupported { .. }
        | Error::PictureMalformed { .. }
        | Error::UploadMismatch { .. } => Code::InvalidArgument,
        Error::PictureTooLarge { .. } => Code::OutOfRange,
        Error::RealmUnknown { .. }
        | Error::AccountNotFound
        | Error::SessionNotFound
        | Error::PictureNotFound
        | Error::LimitNotFound => Code::NotFound,
        Error::UsernameTaken | Error::EmailTaken | Error::PhoneTaken | Error::ExternalIdTaken => {
            Code::AlreadyExists
        }
        Error::FeatureDisabled { .. }
        | Error::ReauthenticationRequired { .. }
        | Error::AccountNotActivated { .. }
        | Error::CodeExpired
        | Error::CodeNotFound
        | Error::PasswordChangeRequired => Code::FailedPrecondition,
        Error::InvalidCredentials
        | Error::WrongPassword
        | Error::AccountDeleted
        | Error::TokenMissing
        | Error::TokenInvalid
        | Error::TokenExpired
        | Error::TokenRevoked
        | Error::RefreshTokenInvalid
        | Error::RefreshTokenExpired
        | Error::RefreshTokenReused
        | Error::UploadTicketInvalid => Code::Unauthenticated,
        Error::AccountSuspended | Error::ScopeMissing { .. } => Code::PermissionDenied,
        Error::CodeAttemptsExhausted { .. }
        | Error::CodeResendTooSoon { .. }
        | Error::CodeQuotaExceeded { .. }
        | Error::RateLimited { .. }
        | Error::Overloaded { .. } => Code::ResourceExhausted,
        Error::EtagMismatch { .. } | Error::Conflict | Error::TransferTooSlow => Code::Aborted,
        Error::PictureDamaged => Code::DataLoss,
        Error::DeadlineExceeded => Code::DeadlineExceeded,
        Error::DependencyUnavailable { .. } => Code::Unavailable,
        Error::Internal(_) => Code::Internal,
    }
}

/// What a text says in variable words stands here too, for machines (AIP-193).
fn metadata(error: &Error) -> HashMap<String, String> {
    let (key, value) = match error {
        Error::InvalidField(faults) => {
            let names: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
            ("fields", names.join(","))
        }
        Error::RealmUnknown { realm } => ("realm", realm.clone()),
        Error::FeatureDisabled { feature } => ("feature", (*feature).to_owned()),
        Error::UsernameTaken => ("field", "username".to_owned()),
        Error::EmailTaken => ("field", "email".to_owned()),
        Error::PhoneTaken => ("field", "phone".to_owned()),
        Error::ExternalIdTaken => ("field", "external_id".to_owned()),
        Error::CurrentPasswordIncorrect => ("field", "current_password".to_owned()),
        Error::CodeRequired => ("field", "code".to_owned()),
        Error::RequestIdReused => ("field", "request_id".to_owned()),
        Error::ReauthenticationRequired { max_age } => {
            ("max_age", format!("{}s", max_age.as_secs()))
        }
        Error::AccountNotActivated { account_id } => ("account_id", account_id.to_string()),
        Error::CodeIncorrect {
            attempts_left: Some(left),
        } => ("attempts_left", left.to_string()),
        Error::CodeAttemptsExhausted { at, .. }
        | Error::CodeResendTooSoon { at, .. }
        | Error::CodeQuotaExceeded { at, .. } => ("resend_time", rfc3339(*at)),
        Error::EtagMismatch { etag } => ("etag", etag.clone()),
        Error::RateLimited { limit, .. } => ("limit", (*limit).to_owned()),
        Error::PictureTypeUnsupported { types } => ("types", types.clone()),
        Error::PictureTooLarge { limit, most } => {
            let most = ("most".to_owned(), most.to_string());
            return HashMap::from([("limit".to_owned(), (*limit).to_owned()), most]);
        }
        Error::UploadMismatch { field } => ("field", (*field).to_owned()),
        Error::ScopeMissing { scope, realm } => {
            let realm = ("realm".to_owned(), realm.clone());
            return HashMap::from([("scope".to_owned(), (*scope).to_owned()), realm]);
        }
        Error::DependencyUnavailable { dependency } => ("dependency", (*dependency).to_owned()),
        _ => return HashMap::new(),
    };
    HashMap::from([(key.to_owned(), value)])
}

fn add_fields(details: &mut ErrorDetails, error: &Error) {
    let faults = match error {
        Error::InvalidField(faults) => faults.clone(),
        Error::CurrentPasswordIncorrect => vec![one("current_password", "INCORRECT", error)],
        Error::CodeRequired => vec![one("code", "REQUIRED", error)],
        Error::RequestIdReused => vec![one("request_id", "REUSED", error)],
        Error::PictureTypeUnsupported { .. } => vec![one("content_type", "NOT_SUPPORTED", error)],
        Error::UploadMismatch { field } => vec![one(field, "MISMATCH", error)],
        _ => return,
    };
    let violations: Vec<FieldViolation> = faults
        .into_iter()
        .map(|fault| {
            let mut violation = FieldViolation::new(fault.field, fault.text);
            fault.reason.clone_into(&mut violation.reason);
            violation
        })
        .collect();
    details.set_bad_request(violations);
}

fn one(field: &str, reason: &'static str, error: &Error) -> FieldFault {
    FieldFault {
        field: field.to_owned(),
        reason,
        text: error.to_string(),
    }
}

const fn retry(error: &Error) -> Option<Duration> {
    match error {
        Error::CodeAttemptsExhausted { retry, .. }
        | Error::CodeResendTooSoon { retry, .. }
        | Error::CodeQuotaExceeded { retry, .. }
        | Error::RateLimited { retry, .. }
        | Error::Overloaded { retry } => Some(*retry),
        Error::DependencyUnavailable { .. } | Error::Conflict => Some(SOON),
        _ => None,
    }
}

const fn quota(error: &Error) -> Option<(&'static str, &'static str)> {
    match error {
        Error::RateLimited { limit, .. } => Some((limit, "too many calls in too short a time")),
        Error::CodeQuotaExceeded { .. } => Some(("codes", "the codes of one day are used up")),
        _ => None,
    }
}

/// `at` as RFC 3339 in UTC, whole seconds.
fn rfc3339(at: Timestamp) -> String {
    time::OffsetDateTime::from_unix_timestamp(at.seconds())
        .ok()
        .and_then(|at| {
            at.format(&time::format_description::well_known::Rfc3339)
                .ok()
        })
        .unwrap_or_default()
}

/// Gives a reason to a status that tonic made by itself: an unknown method, bytes that are no message, a message over
/// the limit.
pub(super) fn bare(bare: &Status, request_id: &str) -> Status {
    let (code, reason, text) = match bare.code() {
        Code::Unimplemented => (
            Code::Unimplemented,
            "METHOD_UNKNOWN",
            "the service has no such method, or does not speak the encoding",
        ),
        Code::DeadlineExceeded | Code::Cancelled => (
            Code::DeadlineExceeded,
            "DEADLINE_EXCEEDED",
            "the deadline has passed",
        ),
        Code::Unavailable | Code::ResourceExhausted => (
            Code::ResourceExhausted,
            "OVERLOADED",
            "the server is busy: try again later",
        ),
        // tonic answers INTERNAL and OUT_OF_RANGE for bytes that it cannot or will not decode.
        _ => (
            Code::InvalidArgument,
            "MALFORMED_REQUEST",
            "the bytes are not the message of this method, or are too many",
        ),
    };
    let mut details = ErrorDetails::new();
    details.set_error_info(reason, DOMAIN, HashMap::new());
    details.set_request_info(request_id, "");
    if code == Code::ResourceExhausted {
        details.set_retry_info(Some(SOON));
    }
    Status::with_error_details(code, text, details)
}
