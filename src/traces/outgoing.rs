//! Calls of the contract to another accountd.

use std::{
    future::Future,
    pin::Pin,
    task::{Context as TaskContext, Poll},
};

use http::{Request, Response, Uri};
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _},
};
use tower::Service;

use super::{TRACING, call, parent};
use crate::metrics::calls;

/// A connection whose calls are parts of the present request and tell the other side of their trace.
#[derive(Clone, Debug)]
pub struct Outgoing<S> {
    inner: S,
    attributes: Vec<KeyValue>,
}

impl<S> Outgoing<S> {
    /// Calls over `inner` to the service at `address`.
    pub fn new(inner: S, address: &Uri) -> Self {
        let mut attributes = Vec::new();
        if let Some(host) = address.host() {
            attributes.push(KeyValue::new("server.address", host.to_owned()));
        }
        if let Some(port) = address.port_u16() {
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        Self { inner, attributes }
    }

    /// The span of a call, where the present request is recorded.
    fn span(&self, path: &str) -> Option<Context> {
        let tracing = TRACING.get()?;
        let present = Context::current();
        if !present.span().span_context().is_sampled() {
            return None;
        }
        let method = calls::method_name(path);
        let mut attributes = call::attributes(method);
        attributes.extend(self.attributes.iter().cloned());
        let builder = SpanBuilder::from_name(method).with_kind(SpanKind::Client);
        let builder = builder.with_attributes(attributes);
        let span = tracing.tracer.build_with_context(builder, &present);
        Some(present.with_span(span))
    }
}

impl<S, Q, A> Service<Request<Q>> for Outgoing<S>
where
    S: Service<Request<Q>, Response = Response<A>>,
    S::Future: Send + 'static,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<A>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Q>) -> Self::Future {
        let Some(context) = self.span(request.uri().path()) else {
            return Box::pin(self.inner.call(request));
        };
        parent::put(context.span().span_context(), request.headers_mut());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            let span = context.span();
            if let Ok(response) = &answer {
                call::answered(&span, code(response));
            } else {
                span.set_attribute(KeyValue::new("error.type", "unreachable"));
                span.set_status(Status::error(""));
            }
            span.end();
            answer
        })
    }
}

/// The code in the head of an answer: only a success has it at its end.
fn code<A>(response: &Response<A>) -> i32 {
    tonic::Status::from_header_map(response.headers()).map_or(0, |status| status.code().into())
}
