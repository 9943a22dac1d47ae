//! The dialect `school`: the document `school.txt`.

use axum::{Router, response::IntoResponse as _};

use super::{
    api::Api,
    fault::{Fallback, Fault},
};

/// The endpoints, their document, and the words for what no endpoint knows.
pub(super) fn routes() -> (Router<Api>, utoipa::openapi::OpenApi, Fallback) {
    let fallback = |fault: Fault| fault.status().unwrap_or_default().into_response();
    (Router::new(), utoipa::openapi::OpenApi::default(), fallback)
}
