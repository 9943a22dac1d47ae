//! The OpenAPI document of a dialect, and a page to try it.

use axum::{Json, Router, routing::get};
use http::{HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{api::Api, edge::Options};

/// The page's own scripts and styles and no others; nothing is loaded from elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
);

/// `/openapi.json` and `/docs`, unless they are turned off.
pub(super) fn routes(document: OpenApi, options: &Options) -> Router<Api> {
    if !options.docs {
        return Router::new();
    }
    // Relative, so that it is found under a path prefix too.
    let page =
        SwaggerUi::new("/docs").config(Config::new(["../openapi.json"]).validator_url("none"));
    Router::<Api>::from(page)
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            POLICY,
        ))
        .route(
            "/openapi.json",
            get(move || {
                let document = document.clone();
                async move { Json(document) }
            }),
        )
}
