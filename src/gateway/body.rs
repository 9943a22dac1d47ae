//! Request bodies.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
};
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

use super::fault::Fault;

/// A body that has arrived, to be read as what the endpoint takes. That it cannot be read is told then, in the words of
/// the dialect.
#[derive(Debug)]
pub(super) struct Body {
    bytes: Result<Bytes, Fault>,
    media_type: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let media_type = request.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.map(|value| value.to_str().unwrap_or_default().to_owned());
        let bytes = Bytes::from_request(request, state).await;
        Ok(Self {
            bytes: bytes.map_err(|rejection| fault(&rejection)),
            media_type,
        })
    }
}

fn fault(rejection: &BytesRejection) -> Fault {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge,
        _ => Fault::Malformed(String::from("the body did not arrive whole")),
    }
}

impl Body {
    /// The body as JSON. An empty body without a type counts as `{}`: what is missing is told by name then.
    ///
    /// Duplicate members are refused, also by two spellings of one name; members that nobody knows are passed over.
    pub(super) fn json<T: DeserializeOwned>(self) -> Result<T, Fault> {
        let bytes = self.bytes?;
        let is_json = self.media_type.as_deref().map(|media_type| {
            let essence = media_type.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
                || essence.to_ascii_lowercase().ends_with("+json")
        });
        let text = match (is_json, bytes.is_empty()) {
            (Some(false), false) => return Err(Fault::MediaType),
            (_, true) => b"{}".as_slice(),
            _ => &bytes,
        };
        // A list would be taken for the members in their order.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(Fault::Malformed(String::from(
                "the body is not a JSON object",
            )));
        }
        serde_json::from_slice(text).map_err(|error| Fault::Malformed(words(&error)))
    }
}

/// What is wrong with the JSON, without quoting it: passwords stand in it.
fn words(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "has a member of the wrong type, or one twice",
        _ => "is not JSON",
    };
    format!(
        "the body {what}: line {}, column {}",
        error.line(),
        error.column()
    )
}
