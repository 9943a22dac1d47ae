//! What is told of a request that is not answered as it hoped.

use axum::response::{IntoResponse, Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, macros::format_description};

use super::{Told, typed};
use crate::{
    gateway::{
        caller::Caller,
        fault::{self, Fault},
        refusal::Refusal,
    },
    proto::ErrorReason,
};

/// Why a request is not answered as it hoped, to be told in the document's words.
pub(super) struct Failure {
    fault: Box<Fault>,
    /// The token that came along, where the endpoint asks for one.
    token: Option<String>,
}

impl<T: Into<Fault>> From<T> for Failure {
    fn from(fault: T) -> Self {
        Self {
            fault: Box::new(fault.into()),
            token: None,
        }
    }
}

/// Nothing at all, as the document's original says it.
#[derive(Serialize)]
struct Nothing {}

/// What the original's library for tokens says, as it says it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenFault {
    name: &'static str,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_at: Option<String>,
}

/// The token of a call that cannot be made without one.
pub(super) fn token(caller: &Caller) -> Result<&str, Failure> {
    if caller.header(&header::AUTHORIZATION).is_none() {
        return Err(refused(ErrorReason::TokenMissing, "no token").into());
    }
    caller.token().ok_or_else(|| Failure {
        fault: Box::new(refused(ErrorReason::TokenInvalid, "no token")),
        token: Some(String::new()),
    })
}

/// A refusal of our own making, for what is wrong before the contract can say so.
pub(super) fn refused(reason: ErrorReason, text: &str) -> Fault {
    Fault::Refused(Refusal {
        reason,
        text: text.to_owned(),
        violations: Vec::new(),
        retry: None,
    })
}

impl Failure {
    /// A failure of a call with that token.
    pub(super) fn with_token(token: &str) -> impl Fn(tonic::Status) -> Self + '_ {
        |status| Self {
            fault: Box::new(status.into()),
            token: Some(token.to_owned()),
        }
    }

    /// The refusal, if the contract has made one.
    pub(super) fn refusal(&mut self) -> Option<&mut Refusal> {
        match &mut *self.fault {
            Fault::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The reason of the refusal, if the contract has made one.
    pub(super) fn reason(&self) -> Option<ErrorReason> {
        match &*self.fault {
            Fault::Refused(refusal) => Some(refusal.reason),
            _ => None,
        }
    }

    /// Makes `to` of the refusals that the endpoint means by it.
    pub(super) fn meaning(mut self, from: ErrorReason, to: ErrorReason) -> Self {
        if let Some(refusal) = self.refusal()
            && refusal.reason == from
        {
            refusal.reason = to;
        }
        self
    }

    /// Makes `to` of a field that is there and cannot be taken.
    pub(super) fn odd_field_meaning(mut self, field: &str, to: ErrorReason) -> Self {
        if let Some(refusal) = self.refusal()
            && refusal
                .violation(field)
                .is_some_and(|one| one.reason != "REQUIRED")
        {
            refusal.reason = to;
        }
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let retry = self.fault.retry();
        let refusal = match &*self.fault {
            Fault::Refused(refusal) => refusal,
            Fault::NotFound | Fault::Method => return told(StatusCode::FORBIDDEN, Nothing {}),
            other => {
                let status = other.status().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                return told(status, Told::new(before_any_call(other), other.text()));
            }
        };
        match refusal.reason {
            ErrorReason::TokenMissing => told(StatusCode::UNAUTHORIZED, Nothing {}),
            ErrorReason::TokenInvalid | ErrorReason::TokenExpired => {
                let token = self.token.as_deref().unwrap_or_default();
                told(StatusCode::UNAUTHORIZED, of_token(refusal.reason, token))
            }
            _ => {
                let (status, name, text) = words(refusal);
                typed(fault::answer(status, retry, Told::new(name, &text)))
            }
        }
    }
}

fn told(status: StatusCode, body: impl Serialize) -> Response {
    super::answer(status, body)
}

/// Names of what the document does not speak of.
const fn before_any_call(fault: &Fault) -> &'static str {
    match fault {
        Fault::Malformed(_) => "ValidationError",
        Fault::MediaType => "UnsupportedMediaType",
        Fault::TooLarge => "PayloadTooLarge",
        Fault::Timeout => "RequestTimeout",
        Fault::Refused(_) | Fault::NotFound | Fault::Method | Fault::Internal => {
            "InternalServerError"
        }
    }
}

/// A token that does not work, in the words of the library that the document's clients know.
fn of_token(reason: ErrorReason, token: &str) -> TokenFault {
    if reason == ErrorReason::TokenExpired {
        return TokenFault {
            name: "TokenExpiredError",
            message: "jwt expired",
            expired_at: end_of(token),
        };
    }
    let message = match token.split('.').count() {
        _ if token.is_empty() => "jwt must be provided",
        3 => "invalid token",
        _ => "jwt malformed",
    };
    TokenFault {
        name: "JsonWebTokenError",
        message,
        expired_at: None,
    }
}

/// When a token ended: the contract has found that it is one of its own, and it says so itself.
fn end_of(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        exp: i64,
    }
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let end = OffsetDateTime::from_unix_timestamp(claims.exp).ok()?;
    // As JavaScript writes a date.
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000Z");
    end.format(form).ok()
}

/// What the document says of each reason; endpoints that mean another thing by one say so themselves.
fn words(refusal: &Refusal) -> (StatusCode, &'static str, String) {
    use ErrorReason as Reason;
    let own = || refusal.text.clone();
    let text = |text: &str| text.to_owned();
    let bad = StatusCode::BAD_REQUEST;
    let stranger = StatusCode::UNAUTHORIZED;
    match refusal.reason {
        Reason::InvalidField => (bad, "ValidationError", fields(refusal)),
        Reason::MalformedRequest | Reason::RequestIdReused | Reason::CodeRequired => {
            (bad, "ValidationError", own())
        }
        Reason::UsernameTaken => (bad, "UserAlreadyExisted", text("The username is taken.")),
        Reason::EmailTaken => (bad, "UserAlreadyExisted", text("The email is taken.")),
        Reason::PhoneTaken => (
            bad,
            "UserAlreadyExisted",
            text("The phone number is taken."),
        ),
        Reason::ExternalIdTaken => (bad, "UserAlreadyExisted", own()),
        Reason::CodeNotFound => (bad, "OtpNotFound", text("No code waits for this account.")),
        Reason::CodeExpired => (
            bad,
            "OtpExpired",
            text("The code has expired. Ask for a new one."),
        ),
        Reason::CodeAttemptsExhausted => (
            bad,
            "TooMuchTrials",
            text("The code was tried too often. Ask for a new one."),
        ),
        Reason::CodeIncorrect => (bad, "InvalidOtp", text("The code is not right.")),
        Reason::CodeResendTooSoon => (
            bad,
            "PendingOtp",
            text("A code was sent already and still works."),
        ),
        Reason::AccountNotFound => (
            stranger,
            "UserNotFound",
            text("No account has this username."),
        ),
        Reason::WrongPassword | Reason::InvalidCredentials => (
            stranger,
            "InvalidPassword",
            text("The password is not right."),
        ),
        Reason::CurrentPasswordIncorrect => (
            bad,
            "InvalidPassword",
            text("oldPassword is missing or is not right."),
        ),
        Reason::AccountNotActivated => (
            stranger,
            "AccountNotActivated",
            text("The account waits for its code."),
        ),
        Reason::PasswordChangeRequired => (stranger, "PasswordChangeRequired", own()),
        Reason::TokenRevoked | Reason::AccountSuspended => (
            stranger,
            "InactiveUserRequest",
            text("The user is not logged in."),
        ),
        Reason::AccountDeleted => (stranger, "VerifyError", text("The user does not exist.")),
        // Told before, with the token.
        Reason::TokenMissing | Reason::TokenInvalid | Reason::TokenExpired => {
            (stranger, "JsonWebTokenError", own())
        }
        Reason::RefreshTokenInvalid
        | Reason::RefreshTokenExpired
        | Reason::RefreshTokenReused
        | Reason::UploadTicketInvalid => (stranger, "VerifyError", own()),
        Reason::ReauthenticationRequired | Reason::FeatureDisabled => {
            (StatusCode::FORBIDDEN, "Forbidden", own())
        }
        Reason::PictureTypeUnsupported
        | Reason::PictureTooLarge
        | Reason::PictureMalformed
        | Reason::UploadMismatch => (bad, "FileExtensionError", own()),
        Reason::EtagMismatch | Reason::Conflict => (StatusCode::CONFLICT, "Conflict", own()),
        Reason::RealmUnknown
        | Reason::MethodUnknown
        | Reason::SessionNotFound
        | Reason::PictureNotFound => (StatusCode::NOT_FOUND, "NotFound", own()),
        Reason::CodeQuotaExceeded | Reason::RateLimited => {
            (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", own())
        }
        Reason::TransferTooSlow => (StatusCode::REQUEST_TIMEOUT, "RequestTimeout", own()),
        Reason::Overloaded | Reason::DependencyUnavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", own())
        }
        Reason::DeadlineExceeded => (StatusCode::GATEWAY_TIMEOUT, "GatewayTimeout", own()),
        Reason::PictureDamaged
        | Reason::ScopeMissing
        | Reason::LimitNotFound
        | Reason::Internal
        | Reason::Unspecified => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            own(),
        ),
    }
}

/// All that is wrong with the fields, each under the name that the document gives it.
fn fields(refusal: &Refusal) -> String {
    let told = refusal.violations.iter().map(|one| {
        let name = match one.field.as_str() {
            "phone" => "phoneNum",
            "code" => "otp",
            "current_password" => "oldPassword",
            other => other,
        };
        format!("{name} {}", one.text)
    });
    told.collect::<Vec<_>>().join(", ")
}
