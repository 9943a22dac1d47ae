//! The dialect `two_step`: the document `two_step.txt`.
//!
//! Every login takes a password and then a code. A success is `{"data": …}`, but the account is read bare. A failure is
//! `{"errors": …}`: a list where fields cannot be taken, else a text. Tokens come bare in `Authorization`, or with
//! `Bearer`.

mod current;
mod delete;
mod failure;
mod login;
mod logout;
mod register;
mod update;

use axum::{Router, response::IntoResponse as _};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::failure::Failure;
use super::{
    api::Api,
    docs::{self, BareToken},
    fault::Fallback,
};

/// Digits of a code.
const LENGTH: usize = 6;

/// What the dialect's `OpenAPI` document says of itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "accountd: two_step",
        description = "Accounts whose logins take a password and a code. Tokens stand bare in `Authorization`, or behind `Bearer`."
    ),
    modifiers(&BareToken)
)]
struct Document;

/// The endpoints, their document, and the words for what no endpoint knows.
pub(super) fn routes() -> (Router<Api>, docs::Describe, Fallback) {
    let (router, _) = endpoints().split_for_parts();
    (router, document, |fault| {
        Failure::from(fault).into_response()
    })
}

fn endpoints() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(register::register))
        .routes(routes!(register::verify))
        .routes(routes!(login::login))
        .routes(routes!(login::verify))
        .routes(routes!(current::current, update::update))
        .routes(routes!(logout::logout))
        .routes(routes!(delete::delete))
}

fn document() -> utoipa::openapi::OpenApi {
    docs::with_common(endpoints().into_openapi(), "Errors")
}

/// A success.
#[derive(Serialize, ToSchema)]
struct Data<T> {
    data: T,
}

/// The id of an account. The document writes it as text; what was written for it may send a number.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum UserId {
    Text(String),
    Number(u64),
}

impl Default for UserId {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl UserId {
    /// The id as the contract takes it. No number is one.
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}
