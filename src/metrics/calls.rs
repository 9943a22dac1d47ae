//! Calls of the gRPC services: how long each took, and how many are under way.
//!
//! Names and labels are those of OpenTelemetry's conventions for RPC servers, as Prometheus writes them:
//! <https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/>. A call is counted by handles that are looked up once for
//! each method and code, so that it costs two steps of a gauge and one of a histogram.

use std::{
    array,
    sync::OnceLock,
    time::{Duration, Instant},
};

use ::metrics::{Gauge, Histogram, Key, Label, with_recorder};

use super::{METADATA, catalogue};

/// The methods that are served, in full, and last the word for all others.
pub const METHODS: [&str; 33] = [
    "accountd.v1.AccountService/Register",
    "accountd.v1.AccountService/RequestOtp",
    "accountd.v1.AccountService/VerifyOtp",
    "accountd.v1.AccountService/ResendOtp",
    "accountd.v1.AccountService/Login",
    "accountd.v1.AccountService/Refresh",
    "accountd.v1.AccountService/Logout",
    "accountd.v1.AccountService/GetCurrent",
    "accountd.v1.AccountService/Update",
    "accountd.v1.AccountService/Delete",
    "accountd.v1.AccountService/ResetPassword",
    "accountd.v1.AccountService/ListSessions",
    "accountd.v1.AccountService/RevokeSession",
    "accountd.v1.AccountService/UploadProfilePicture",
    "accountd.v1.AccountService/DownloadProfilePicture",
    "accountd.v1.AccountService/DeleteProfilePicture",
    "accountd.v1.AdminService/GetAccount",
    "accountd.v1.AdminService/ListAccounts",
    "accountd.v1.AdminService/SetAccountState",
    "accountd.v1.AdminService/SetRole",
    "accountd.v1.AdminService/SetAttributes",
    "accountd.v1.AdminService/RevokeSessions",
    "accountd.v1.AdminService/RequirePasswordChange",
    "accountd.v1.AdminService/ListAuditEvents",
    "accountd.v1.AdminService/GetLimits",
    "accountd.v1.AdminService/ResetLimit",
    "accountd.v1.AdminService/ImportAccounts",
    "accountd.v1.AdminService/ExportAccounts",
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/Watch",
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    "_OTHER",
];

/// The place of the word for all others.
const OTHER: usize = METHODS.len() - 1;

/// The codes of gRPC, each at the place of its number.
pub const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The codes that are errors of a server, and not an answer to what the caller did
/// (<https://opentelemetry.io/docs/specs/semconv/rpc/grpc/>).
pub const ERRORS: [&str; 6] = [
    "UNKNOWN",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
];

const CANCELLED: usize = 1;
const UNKNOWN: usize = 2;

/// The handles, once somebody counts.
static HANDLES: OnceLock<Handles> = OnceLock::new();

#[derive(Debug)]
struct Handles {
    in_flight: Gauge,
    durations: [[OnceLock<Histogram>; CODES.len()]; METHODS.len()],
}

/// Begins to count calls. Those that began before are not counted.
pub(super) fn start() {
    HANDLES.get_or_init(|| {
        let key = Key::from_static_name(catalogue::CALLS_IN_FLIGHT.name);
        let in_flight = with_recorder(|recorder| recorder.register_gauge(&key, &METADATA));
        in_flight.set(0.0);
        Handles {
            in_flight,
            durations: array::from_fn(|_| array::from_fn(|_| OnceLock::new())),
        }
    });
}

/// Whether calls are counted.
pub(super) fn is_started() -> bool {
    HANDLES.get().is_some()
}

/// A call under way; nothing at all where nothing is counted.
#[derive(Debug)]
pub struct Call(Option<Running>);

#[derive(Debug)]
struct Running {
    handles: &'static Handles,
    method: usize,
    began: Instant,
}

impl Call {
    /// A call to the method of this path (`/package.Service/Method`) that came at `began`.
    pub fn begin(path: &str, began: Instant) -> Self {
        Self(HANDLES.get().map(|handles| {
            handles.in_flight.increment(1.0);
            Running {
                handles,
                method: method(path),
                began,
            }
        }))
    }

    /// Whether it is counted at all.
    pub const fn is_counted(&self) -> bool {
        self.0.is_some()
    }

    /// The call was answered with the code of this number, after `time`.
    pub fn end(mut self, code: i32, time: Duration) {
        if let Some(running) = self.0.take() {
            running.end(code, time);
        }
    }

    /// The same for a call that is over now.
    pub fn end_now(mut self, code: i32) {
        if let Some(running) = self.0.take() {
            let time = running.began.elapsed();
            running.end(code, time);
        }
    }
}

impl Drop for Call {
    /// Nobody waits for the answer any more.
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            let time = running.began.elapsed();
            running.record(CANCELLED, time);
        }
    }
}

impl Running {
    fn end(&self, code: i32, time: Duration) {
        self.record(code_place(code), time);
    }

    fn record(&self, code: usize, time: Duration) {
        self.handles.in_flight.decrement(1.0);
        let place = self
            .handles
            .durations
            .get(self.method)
            .and_then(|codes| codes.get(code));
        if let Some(place) = place {
            place
                .get_or_init(|| histogram(METHODS[self.method], CODES[code]))
                .record(time);
        }
    }
}

/// The method of a path, in full, or the word for all others.
pub fn method_name(path: &str) -> &'static str {
    METHODS[method(path)]
}

/// The name of the code of this number; what is no code is `UNKNOWN`.
pub fn code_name(code: i32) -> &'static str {
    CODES[code_place(code)]
}

fn code_place(code: i32) -> usize {
    let known = usize::try_from(code).ok();
    known.filter(|code| *code < CODES.len()).unwrap_or(UNKNOWN)
}

/// The place of the method of a path.
fn method(path: &str) -> usize {
    let named = path.strip_prefix('/').unwrap_or_default();
    METHODS[..OTHER]
        .iter()
        .position(|method| *method == named)
        .unwrap_or(OTHER)
}

fn histogram(method: &'static str, code: &'static str) -> Histogram {
    let mut labels = vec![
        Label::from_static_parts("rpc_system_name", "grpc"),
        Label::from_static_parts("rpc_method", method),
        Label::from_static_parts("rpc_response_status_code", code),
    ];
    if ERRORS.contains(&code) {
        labels.push(Label::from_static_parts("error_type", code));
    }
    let key = Key::from_parts(catalogue::CALLS.name, labels);
    with_recorder(|recorder| recorder.register_histogram(&key, &METADATA))
}
