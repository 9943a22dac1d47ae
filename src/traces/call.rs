//! Calls of the gRPC services (<https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/>).

use std::{borrow::Cow, future::Future, pin::Pin};

use http::HeaderMap;
use opentelemetry::{
    Context, KeyValue,
    context::FutureExt as _,
    trace::{SpanRef, Status, TraceContextExt as _, TraceId},
};

use super::{TRACING, root::Root};
use crate::metrics::calls;

/// Work of a call.
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The number of `CANCELLED`.
const CANCELLED: i32 = 1;

/// A call under way, in its trace if it has one.
#[derive(Debug)]
pub struct Call(Root);

impl Call {
    /// A call to the method of this path (`/package.Service/Method`), with the headers that came with it.
    ///
    /// Health and reflection, which are asked all the time, begin no trace of their own.
    pub fn begin(path: &str, headers: &HeaderMap) -> Self {
        let Some(tracing) = TRACING.get() else {
            return Self(Root::NONE);
        };
        let may_begin = !path.starts_with("/grpc.");
        Self(tracing.root(headers, may_begin, || {
            let method = calls::method_name(path);
            (Cow::Borrowed(method), attributes(method))
        }))
    }

    /// The trace, whether it is recorded or not.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.0.span.is_valid().then(|| self.0.span.trace_id())
    }

    /// Whether the call is recorded.
    pub const fn is_recorded(&self) -> bool {
        self.0.context.is_some()
    }

    /// Makes the call the parent of all spans of its work.
    pub fn scope(&self) -> Scope {
        Scope(self.0.context.clone())
    }

    /// The call was answered with the code of this number.
    pub fn end(mut self, code: i32) {
        self.finish(code);
    }

    fn finish(&mut self, code: i32) {
        if let Some(context) = self.0.context.take() {
            let span = context.span();
            answered(&span, code);
            span.end();
        }
    }
}

impl Drop for Call {
    /// Nobody waits for the answer any more.
    fn drop(&mut self) {
        self.finish(CANCELLED);
    }
}

/// A call as the parent of other spans, where it is recorded.
#[derive(Debug)]
pub struct Scope(Option<Context>);

impl Scope {
    /// The same work within the call.
    pub fn around<T: 'static>(self, work: Boxed<T>) -> Boxed<T> {
        match self.0 {
            Some(context) => Box::pin(work.with_context(context)),
            None => work,
        }
    }
}

/// What is said of a call of that method, whichever end tells of it.
pub(super) fn attributes(method: &'static str) -> Vec<KeyValue> {
    vec![
        KeyValue::new("rpc.system.name", "grpc"),
        KeyValue::new("rpc.method", method),
    ]
}

/// Notes the code of an answer. What the caller did wrong is no error of the service.
pub(super) fn answered(span: &SpanRef<'_>, code: i32) {
    let name = calls::code_name(code);
    span.set_attribute(KeyValue::new("rpc.response.status_code", name));
    if calls::ERRORS.contains(&name) {
        span.set_attribute(KeyValue::new("error.type", name));
        span.set_status(Status::error(""));
    }
}
