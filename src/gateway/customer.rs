//! The dialect `customer`: the document `customer.txt`.
//!
//! Every answer but a token and a picture is `{"name": …, "value": …, "message": …}`: `name` is one of the document's
//! words, and the two others are one text for people, since clients of different ages read one or the other. Tokens come
//! behind `Bearer`. Pictures come as forms, at registration or later.

mod activate;
mod failure;
mod file;
mod form;
mod get_profile_pic;
mod logout;
mod reverify;
mod set_profile_pic;
mod signin;
mod signup;
mod update;

use axum::{
    Extension, Router,
    response::{IntoResponse as _, Response},
};
use failure::Failure;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::Api,
    docs::{self, BearerToken},
    edge::Options,
    fault::Fallback,
};

/// What the document's original says of its JSON.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// What the dialect's OpenAPI document says of itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "accountd: customer",
        description = "Customers with pictures. `name` tells what happened, `value` and `message` say it to people."
    ),
    modifiers(&BearerToken)
)]
struct Document;

/// How long bodies may be.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    /// Bytes of a form with a file, at the most.
    form: usize,
    /// Bytes of all that is no file, at the most.
    text: usize,
}

/// The endpoints, their document, and the words for what no endpoint knows.
pub(super) fn routes(options: &Options) -> (Router<Api>, docs::Describe, Fallback) {
    let (router, _) = endpoints().split_for_parts();
    let router = router.layer(Extension(Lengths {
        form: options.file_bytes,
        text: options.body_bytes,
    }));
    (router, document, |fault| {
        Failure::from(fault).into_response()
    })
}

fn endpoints() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(signup::signup))
        .routes(routes!(reverify::reverify))
        .routes(routes!(activate::activate))
        .routes(routes!(signin::signin))
        .routes(routes!(update::update))
        .routes(routes!(logout::logout))
        .routes(routes!(set_profile_pic::set_profile_pic))
        .routes(routes!(get_profile_pic::get_profile_pic))
}

fn document() -> utoipa::openapi::OpenApi {
    docs::with_common(endpoints().into_openapi(), "Told")
}

/// What happened, in the document's words.
#[derive(Debug, Serialize, ToSchema)]
struct Told {
    /// For machines.
    #[schema(example = "VerificationEmailSent")]
    name: &'static str,
    /// For people, as the first clients read it.
    value: String,
    /// The same text, as later clients read it.
    message: String,
}

impl Told {
    fn new(name: &'static str, text: &str) -> Self {
        Self {
            name,
            value: text.to_owned(),
            message: text.to_owned(),
        }
    }
}

/// A token, without more ado.
#[derive(Serialize, ToSchema)]
struct Token {
    token: String,
}

/// An answer of the dialect.
fn answer(status: StatusCode, body: impl Serialize) -> Response {
    typed(super::fault::answer(status, None, body))
}

/// A JSON answer with the dialect's own type of JSON.
fn typed(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}
