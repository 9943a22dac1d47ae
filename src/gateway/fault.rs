//! What can go wrong with a request, in words that every dialect turns into its own.

use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};

use super::refusal::Refusal;

/// Why a request is not answered as its document promises.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The contract has refused the call.
    Refused(Refusal),
    /// The body is not the JSON that the endpoint takes. The text is for people.
    Malformed(String),
    /// The body is of another type than the endpoint takes.
    MediaType,
    /// The body is longer than the endpoint takes.
    TooLarge,
    /// No endpoint has the path.
    NotFound,
    /// The endpoint does not take the method.
    Method,
    /// The client was too slow.
    Timeout,
    /// A fault of ours, which has been logged.
    Internal,
}

impl From<tonic::Status> for Fault {
    fn from(status: tonic::Status) -> Self {
        Self::Refused(Refusal::from(status))
    }
}

/// The answer of a dialect to a fault that no endpoint has words for.
pub(super) type Fallback = fn(Fault) -> Response;

impl Fault {
    /// The status of faults that come before any call; none of a refusal.
    pub(super) const fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(_) => None,
            Self::Malformed(_) => Some(StatusCode::BAD_REQUEST),
            Self::MediaType => Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::TooLarge => Some(StatusCode::PAYLOAD_TOO_LARGE),
            Self::NotFound => Some(StatusCode::NOT_FOUND),
            Self::Method => Some(StatusCode::METHOD_NOT_ALLOWED),
            Self::Timeout => Some(StatusCode::REQUEST_TIMEOUT),
            Self::Internal => Some(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Words for people, where a document has none.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.text,
            Self::Malformed(text) => text,
            Self::MediaType => "the body must be application/json",
            Self::TooLarge => "the body is too large",
            Self::NotFound => "no such path",
            Self::Method => "the path does not take this method",
            Self::Timeout => "the request took too long to arrive",
            Self::Internal => "internal fault",
        }
    }

    /// When the request may be sent again.
    pub(super) const fn retry(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry,
            _ => None,
        }
    }
}

/// A JSON answer, and when to come again where that is known (RFC 9110, 10.2.3).
pub(super) fn answer(
    status: StatusCode,
    retry: Option<Duration>,
    body: impl serde::Serialize,
) -> Response {
    let mut response = (status, axum::Json(body)).into_response();
    if let Some(retry) = retry
        && matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        )
    {
        // Whole seconds, rounded up: who comes at the time that was told must not be too early.
        let seconds = retry.as_millis().div_ceil(1000).max(1);
        if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
    }
    response
}
