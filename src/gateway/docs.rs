//! The OpenAPI document of a dialect, and a page to try it.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    response::{IntoResponse as _, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use tower_http::{decompression::DecompressionLayer, set_header::SetResponseHeaderLayer};
use utoipa::{
    Modify,
    openapi::{
        self, Content, Header, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, ResponseBuilder,
        Responses,
        path::Operation,
        schema::Type,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{api::Api, edge::Options};

/// The page's own scripts and styles and no others; nothing is loaded from elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
);

/// Makes the document of a dialect: half a megabyte, so it is only made when somebody asks for it.
pub(super) type Describe = fn() -> OpenApi;

/// The media type of the document.
const JSON: [(HeaderName, HeaderValue); 1] = [(
    header::CONTENT_TYPE,
    HeaderValue::from_static("application/json"),
)];

/// `/openapi.json` and `/docs`, unless they are turned off.
pub(super) fn routes(describe: Describe, options: &Options) -> Router<Api> {
    if !options.docs {
        return Router::new();
    }
    // Relative, so that it is found under a path prefix too.
    let page =
        SwaggerUi::new("/docs").config(Config::new(["../openapi.json"]).validator_url("none"));
    let json: Arc<OnceLock<Bytes>> = Arc::default();
    Router::<Api>::from(page)
        // The page's files are in the binary as gzip, which would be sent to clients that cannot read it too.
        .layer(DecompressionLayer::new())
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            POLICY,
        ))
        .route(
            "/openapi.json",
            get(move || {
                let json = Arc::clone(&json);
                async move { document(&json, describe) }
            }),
        )
}

/// The document as JSON, made once; what was made of it but the bytes is dropped.
fn document(json: &OnceLock<Bytes>, describe: Describe) -> Response {
    if let Some(bytes) = json.get() {
        return (JSON, bytes.clone()).into_response();
    }
    match serde_json::to_vec(&describe()) {
        Ok(bytes) => {
            let bytes = json.get_or_init(|| bytes.into()).clone();
            (JSON, bytes).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a document cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The scheme `token` of dialects whose tokens come bare in `Authorization`, or behind `Bearer`.
pub(super) struct BareToken;

/// The scheme `token` of dialects whose tokens come behind `Bearer` alone.
pub(super) struct BearerToken;

impl Modify for BareToken {
    fn modify(&self, document: &mut OpenApi) {
        let token =
            ApiKeyValue::with_description("Authorization", "the token, bare or behind `Bearer`");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::ApiKey(ApiKey::Header(token)));
    }
}

impl Modify for BearerToken {
    fn modify(&self, document: &mut OpenApi) {
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", token);
    }
}

/// Which operations an answer is common to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// All of them.
    All,
    /// Those that change something.
    Change,
    /// Those that read a body.
    Body,
}

/// What any operation may answer, as its document need not say each time.
const COMMON: [(StatusCode, Of, &str); 10] = [
    (
        StatusCode::BAD_REQUEST,
        Of::Change,
        "the request cannot be read",
    ),
    (
        StatusCode::METHOD_NOT_ALLOWED,
        Of::All,
        "the path does not take this method",
    ),
    (
        StatusCode::REQUEST_TIMEOUT,
        Of::All,
        "the request took too long to arrive",
    ),
    (
        StatusCode::CONFLICT,
        Of::Change,
        "the same was changed by another request; it may be sent again",
    ),
    (
        StatusCode::PAYLOAD_TOO_LARGE,
        Of::Body,
        "the body is too large",
    ),
    (
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Of::Body,
        "the body is of another type",
    ),
    (StatusCode::TOO_MANY_REQUESTS, Of::All, "too many requests"),
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        Of::All,
        "a fault of the server's own",
    ),
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Of::All,
        "too much work, or something that is needed does not answer; it may be sent again",
    ),
    (
        StatusCode::GATEWAY_TIMEOUT,
        Of::All,
        "the answer was not ready in time",
    ),
];

/// The document with the answers that are common to its operations, each with the schema of that name as its body.
/// What an operation says itself of a status stays.
pub(super) fn with_common(mut document: OpenApi, schema: &str) -> OpenApi {
    let components = document.components.get_or_insert_default();
    for (status, _, description) in COMMON {
        let response = common(status, description, schema);
        let name = status.as_u16().to_string();
        components.responses.insert(name, response.into());
    }
    for item in document.paths.paths.values_mut() {
        for (operation, is_change) in operations(item) {
            let has_body = operation.request_body.is_some();
            for (status, of, _) in COMMON {
                let is_meant = match of {
                    Of::All => true,
                    Of::Change => is_change,
                    Of::Body => has_body,
                };
                if is_meant {
                    say(&mut operation.responses, status);
                }
            }
        }
    }
    document
}

/// Refers to the common answer, or completes what the operation says itself.
fn say(responses: &mut Responses, status: StatusCode) {
    let name = status.as_u16().to_string();
    let common = RefOr::Ref(Ref::from_response_name(&name));
    if let RefOr::T(own) = responses.responses.entry(name).or_insert(common)
        && has_wait(status)
    {
        let name = String::from("Retry-After");
        own.headers.entry(name).or_insert_with(|| wait().into());
    }
}

/// The operations of a path, and whether each changes something.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let changes = [
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ];
    let changes = changes.into_iter().flatten();
    let reads = [&mut item.get, &mut item.head].into_iter().flatten();
    changes
        .map(|operation| (operation, true))
        .chain(reads.map(|operation| (operation, false)))
}

fn common(status: StatusCode, description: &str, schema: &str) -> openapi::Response {
    let body = Content::new(Some(Ref::from_schema_name(schema)));
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", body);
    if has_wait(status) {
        response.header("Retry-After", wait()).build()
    } else {
        response.build()
    }
}

/// Whether answers with the status may say when to come again, as [`super::fault::answer`] does.
const fn has_wait(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    )
}

fn wait() -> Header {
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1));
    let mut header = Header::new(seconds.build());
    header.description = Some(String::from("seconds to wait, where the wait is known"));
    header
}
