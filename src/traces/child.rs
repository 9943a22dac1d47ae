//! What a call waits for.

use std::borrow::Cow;

use opentelemetry::{
    Context, KeyValue,
    trace::{Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::Span;

use super::{TRACING, Tracing};

/// A part of a call that takes its time; nothing at all where the call is not recorded. It ends when it is dropped.
///
/// It is boxed, since it would be the largest part of many a future, for the few calls that are recorded.
#[derive(Debug)]
pub struct Child(Option<Box<Span>>);

impl Child {
    /// A part of the present call, whose name and attributes are of use only where it is recorded.
    fn of_present(
        kind: SpanKind,
        describe: impl FnOnce() -> (Cow<'static, str>, Vec<KeyValue>),
    ) -> Self {
        let Some(tracing) = TRACING.get() else {
            return Self(None);
        };
        let span = Context::map_current(|present| tracing.child(present, kind, describe));
        Self(span)
    }

    /// A transaction of a database: `postgresql` or `sqlite`.
    pub fn transaction(system: &'static str) -> Self {
        Self::of_present(SpanKind::Client, || {
            let attributes = vec![KeyValue::new("db.system.name", system)];
            (Cow::Borrowed("sql transaction"), attributes)
        })
    }

    /// A round trip to Redis, by the name of the operation.
    pub fn redis(operation: &'static str) -> Self {
        Self::of_present(SpanKind::Client, || {
            let attributes = vec![
                KeyValue::new("db.system.name", "redis"),
                KeyValue::new("db.operation.name", operation),
            ];
            (Cow::Owned(format!("redis {operation}")), attributes)
        })
    }

    /// The sending of a letter, in a trace of its own: the call that asked for it has been answered.
    pub fn letter() -> Self {
        let tracing = TRACING.get().filter(|tracing| tracing.begins);
        let span = tracing.map(|tracing| {
            let builder = SpanBuilder::from_name("mail send").with_kind(SpanKind::Client);
            Box::new(tracing.tracer.build_with_context(builder, &Context::new()))
        });
        Self(span)
    }

    /// Notes what came of it, out of a closed list of words.
    pub fn outcome(&mut self, word: &'static str) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new("accountd.outcome", word));
        }
    }

    /// Notes that it failed, and why, out of a closed list of words.
    pub fn failed(&mut self, why: &'static str) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new("error.type", why));
            span.set_status(Status::error(""));
        }
    }
}

impl Tracing {
    fn child(
        &self,
        parent: &Context,
        kind: SpanKind,
        describe: impl FnOnce() -> (Cow<'static, str>, Vec<KeyValue>),
    ) -> Option<Box<Span>> {
        if !parent.span().span_context().is_sampled() {
            return None;
        }
        let (name, attributes) = describe();
        let builder = SpanBuilder::from_name(name).with_kind(kind);
        let builder = builder.with_attributes(attributes);
        Some(Box::new(self.tracer.build_with_context(builder, parent)))
    }
}

/// Work that waits for a thread of a pool: one span for the wait, one for the work.
#[derive(Debug)]
pub struct Queued {
    parent: Option<Context>,
    wait: Child,
    work: &'static str,
}

impl Queued {
    /// A password that waits to be hashed.
    pub fn password() -> Self {
        Self::new("hash wait", "hash run")
    }

    fn new(wait: &'static str, work: &'static str) -> Self {
        let wait = Child::of_present(SpanKind::Internal, || (Cow::Borrowed(wait), Vec::new()));
        Self {
            parent: wait.0.is_some().then(Context::current),
            wait,
            work,
        }
    }

    /// The wait is over, and the work begins, on whichever thread.
    pub fn begin(&mut self) -> Child {
        self.wait = Child(None);
        let work = self.work;
        let span = TRACING.get().zip(self.parent.take());
        Child(span.and_then(|(tracing, parent)| {
            tracing.child(&parent, SpanKind::Internal, || {
                (Cow::Borrowed(work), Vec::new())
            })
        }))
    }
}
