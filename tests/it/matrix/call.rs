//! What an answer may be when something outside was broken.

use accountd::faults::Fault;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// What is wrong with the answer of a call that met `fault` at `point`, if anything is.
///
/// Never is a fault a verdict: that a password or a code is wrong, a name taken, a session over (I11).
pub fn wrong_answer<T>(answer: &Result<T, Status>, fault: Fault, point: &str) -> Option<String> {
    let Err(status) = answer else {
        return (fault == Fault::Panic).then(|| String::from("a panic was answered with success"));
    };
    let told = status.get_details_error_info();
    let reason = told.as_ref().map_or("", |told| told.reason.as_str());
    let is_sql = !["kv ", "objects "]
        .iter()
        .any(|other| point.starts_with(other));
    let fits = match fault {
        Fault::Panic => (status.code(), reason) == (Code::Internal, "INTERNAL"),
        Fault::Delay(_) => false,
        // The client's own end of time may come a moment before the server's.
        Fault::Silence if told.is_none() => is_late(status),
        Fault::Garble if is_sql && status.code() == Code::Internal => reason == "INTERNAL",
        _ => matches!(
            (status.code(), reason),
            (Code::Unavailable, "DEPENDENCY_UNAVAILABLE")
                | (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
        ),
    };
    (!fits).then(|| format!("it was answered {status:?}"))
}

fn is_late(status: &Status) -> bool {
    matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled)
}
