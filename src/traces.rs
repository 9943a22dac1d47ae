//! Spans: where the time of a call goes, told to an OpenTelemetry collector.
//!
//! A span is made by the functions below alone, and says no more than they do: names and words out of closed lists, never a
//! text that a caller makes up, and nothing of an account. So no secret and nobody's data can be among them. Names are those
//! of OpenTelemetry's conventions, as [`crate::metrics`] has them.
//!
//! Whether a trace is recorded is decided once, where it begins, before anything is made for it: by the caller's
//! `traceparent`, else by lot. Nothing is made at all unless [`start`] was called, which `command` does where
//! `traces.endpoint` is set.

mod call;
mod child;
mod export;
mod outgoing;
mod parent;
mod request;
mod root;

use std::{future::Future, sync::OnceLock};

use opentelemetry::context::FutureExt as _;
use opentelemetry_sdk::trace::SdkTracer;

pub use call::{Call, Scope};
pub use child::{Child, Queued};
pub use export::{Exporter, Options, StartError, start};
pub use outgoing::Outgoing;
pub use request::request;

/// The maker of spans, once there is somebody to send them to.
static TRACING: OnceLock<Tracing> = OnceLock::new();

#[derive(Debug)]
struct Tracing {
    tracer: SdkTracer,
    /// Whether any trace that begins here is recorded.
    begins: bool,
}

/// Whether spans are made.
pub fn is_on() -> bool {
    TRACING.get().is_some()
}

/// The same work with the present span as its parent, wherever it is done.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    work.with_current_context()
}
