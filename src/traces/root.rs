//! The span of what comes from outside, and whether there is one.

use std::borrow::Cow;

use http::HeaderMap;
use opentelemetry::{
    Context, KeyValue,
    trace::{Span as _, SpanBuilder, SpanContext, SpanKind, TraceContextExt as _, Tracer as _},
};

use super::{Tracing, parent::parent};

/// Something that came, in its trace.
#[derive(Debug)]
pub(super) struct Root {
    /// Its own span, or the caller's where it has none; invalid where there is no trace.
    pub(super) span: SpanContext,
    /// Its own span as the parent of others, where it is recorded.
    pub(super) context: Option<Context>,
}

impl Root {
    /// Something in no trace.
    pub(super) const NONE: Self = Self {
        span: SpanContext::NONE,
        context: None,
    };
}

impl Tracing {
    /// What came with these headers; `may_begin` tells whether a trace may begin with it. `describe` is called only where it
    /// is recorded.
    pub(super) fn root(
        &self,
        headers: &HeaderMap,
        may_begin: bool,
        describe: impl FnOnce() -> (Cow<'static, str>, Vec<KeyValue>),
    ) -> Root {
        let context = match parent(headers) {
            Some(parent) if parent.is_sampled() => Context::new().with_remote_span_context(parent),
            Some(parent) => {
                return Root {
                    span: parent,
                    context: None,
                };
            }
            None if may_begin && self.begins => Context::new(),
            None => return Root::NONE,
        };
        let builder = SpanBuilder::from_name("").with_kind(SpanKind::Server);
        let mut span = self.tracer.build_with_context(builder, &context);
        let own = span.span_context().clone();
        if !span.is_recording() {
            return Root {
                span: own,
                context: None,
            };
        }
        let (name, attributes) = describe();
        span.update_name(name);
        span.set_attributes(attributes);
        Root {
            span: own,
            context: Some(context.with_span(span)),
        }
    }
}
