//! Requests to the REST dialects (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>).

use std::borrow::Cow;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use opentelemetry::{
    KeyValue,
    context::FutureExt as _,
    trace::{Status, TraceContextExt as _},
};

use super::{TRACING, parent};
use crate::metrics::requests;

/// Answers a request to the dialect of that name, in its trace.
///
/// What is behind finds the request's own span in place of the caller's in the headers, which go along with the calls that
/// it becomes, and the id of the trace beside them, for the log. The path is no part of the span, since codes and addresses
/// stand in paths; the route is.
pub async fn request(dialect: &'static str, mut request: Request, next: Next) -> Response {
    let Some(tracing) = TRACING.get() else {
        return next.run(request).await;
    };
    let root = tracing.root(request.headers(), true, || describe(dialect, &request));
    let span = root.span;
    if span.is_valid() {
        if !span.is_remote() {
            parent::put(&span, request.headers_mut());
        }
        request.extensions_mut().insert(span.trace_id());
    }
    let Some(context) = root.context else {
        return next.run(request).await;
    };
    let response = next.run(request).with_context(context.clone()).await;
    let (span, status) = (context.span(), response.status());
    let number = i64::from(status.as_u16());
    span.set_attribute(KeyValue::new("http.response.status_code", number));
    if status.is_server_error() {
        span.set_attribute(KeyValue::new("error.type", number.to_string()));
        span.set_status(Status::error(""));
    }
    span.end();
    response
}

fn describe(dialect: &'static str, request: &Request) -> (Cow<'static, str>, Vec<KeyValue>) {
    let method = requests::method_name(request.method().as_str());
    let mut attributes = vec![
        KeyValue::new("http.request.method", method),
        KeyValue::new("url.scheme", "http"),
        KeyValue::new("accountd.dialect", dialect),
    ];
    let Some(route) = request.extensions().get::<MatchedPath>() else {
        return (Cow::Borrowed(method), attributes);
    };
    let route = route.as_str();
    attributes.push(KeyValue::new("http.route", route.to_owned()));
    (Cow::Owned(format!("{method} {route}")), attributes)
}
