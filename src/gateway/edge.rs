//! What front ends expect of every answer, whatever the dialect.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use opentelemetry::trace::TraceId;
use tokio::time::Instant;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
};

use super::{
    caller::{REQUEST_ID, TRACEPARENT, TRACESTATE},
    fault::{Fallback, Fault},
    now::Now,
};
use crate::metrics::requests::Requests;

/// What all dialects go by.
#[derive(Clone, Debug)]
pub struct Options {
    /// Origins whose pages may call, with cookies; `*` for all, without.
    pub cors_origins: Vec<HeaderValue>,
    /// Bytes of a JSON body, at the most.
    pub body_bytes: usize,
    /// Bytes of a body with a file, at the most.
    pub file_bytes: usize,
    /// Time for one request, from its head to its answer.
    pub timeout: Duration,
    /// Whether cookies are sent over TLS only.
    pub secure_cookies: bool,
    /// Whether `/openapi.json` and `/docs` are served.
    pub docs: bool,
    /// What the paths of the dialect begin with for its clients; empty or `/…` without a slash at its end.
    pub prefix: String,
    /// The time of day.
    pub now: Now,
}

/// Time for a request beyond that of its call.
const GRACE: Duration = Duration::from_millis(500);

/// What every answer says of how it may be used; an endpoint that knows better goes first.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// Puts the routes of the dialect of that name behind what all have in common; `fallback` says what no endpoint has words
/// for.
pub(super) fn layered(
    name: &'static str,
    router: Router,
    fallback: Fallback,
    options: &Options,
) -> Router {
    let requests = Requests::to(name).map(Arc::new);
    // A little more than the call has, so that the contract's own word on its deadline comes first.
    let timeout = options.timeout + GRACE;
    router
        .fallback(move || async move { fallback(Fault::NotFound) })
        .method_not_allowed_fallback(move || async move { fallback(Fault::Method) })
        .layer(DefaultBodyLimit::max(options.body_bytes))
        // One layer of the router, since each boxes the calls that pass it.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(drop_odd_request_id))
                .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(from_fn_with_state(requests, complete))
                .layer(cors(options))
                .layer(CatchPanicLayer::custom(
                    move |_: Box<dyn Any + Send + 'static>| {
                        tracing::error!("a panic while a request was answered");
                        fallback(Fault::Internal)
                    },
                ))
                .layer(from_fn(move |request: Request, next: Next| async move {
                    tokio::time::timeout(timeout, next.run(request))
                        .await
                        .unwrap_or_else(|_| fallback(Fault::Timeout))
                })),
        )
}

fn cors(options: &Options) -> CorsLayer {
    let layer = CorsLayer::new()
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            REQUEST_ID,
            TRACEPARENT,
            TRACESTATE,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([REQUEST_ID, header::ETAG, header::RETRY_AFTER])
        .max_age(Duration::from_mins(10));
    if options.cors_origins.iter().any(|origin| origin == "*") {
        return layer.allow_origin(AllowOrigin::any());
    }
    layer
        .allow_origin(options.cors_origins.clone())
        .allow_credentials(true)
}

/// An id that the contract would not take is left out, so that one id stands in both logs.
async fn drop_odd_request_id(mut request: Request, next: Next) -> Response {
    let is_plain = |id: &HeaderValue| {
        (1..=64).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
    };
    let mut ids = request.headers().get_all(REQUEST_ID).iter();
    let is_one_plain = ids.next().is_some_and(is_plain) && ids.next().is_none();
    if !is_one_plain {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

/// What every answer says, and one line for it, with the route in place of the path: codes and addresses stand in paths.
async fn complete(
    State(requests): State<Option<Arc<Requests>>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = request.headers().get(REQUEST_ID).cloned();
    // Put there by whoever traces requests.
    let trace = request.extensions().get::<TraceId>().copied();
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    let status: StatusCode = response.status();
    let id = id.as_ref().and_then(|id| id.to_str().ok());
    let route = route.as_ref().map(MatchedPath::as_str);
    let time = began.elapsed();
    if let Some(requests) = requests {
        requests.answered(method.as_str(), route, status.as_u16(), time);
    }
    let route = route.unwrap_or("-");
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let trace_id = trace.map(tracing::field::display);
    // As with the contract's own: what only looks is many, and its lines would be the most of its cost.
    if method == Method::GET && status.is_success() {
        tracing::debug!(id, trace_id, %method, route, status = status.as_u16(), micros, "answered");
    } else {
        tracing::info!(id, trace_id, %method, route, status = status.as_u16(), micros, "answered");
    }
    response
}
