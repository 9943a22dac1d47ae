//! An answer as a stranger sees it, with nothing left out but what differs between any two calls.

use std::fmt::Debug;

use tonic::{Response, Status, metadata::MetadataMap};
use tonic_types::StatusExt as _;

/// The answer or the refusal: message, code, text, details, headers and trailers, without the id and time of the call.
pub fn likeness<T: Debug>(answer: &Result<Response<T>, Status>) -> String {
    match answer {
        Ok(response) => format!("{:?} {:?}", response.get_ref(), lines(response.metadata())),
        Err(status) => refusal(status),
    }
}

/// The same of a refusal alone.
pub fn refusal(status: &Status) -> String {
    let mut details = status.get_error_details();
    assert!(details.request_info().is_some(), "{status:?}");
    details.set_request_info("", "");
    format!(
        "{:?} {:?} {details:?} {:?}",
        status.code(),
        status.message(),
        lines(status.metadata())
    )
}

/// Headers and trailers, in their order.
fn lines(metadata: &MetadataMap) -> Vec<String> {
    let mut lines: Vec<String> = metadata
        .clone()
        .into_headers()
        .iter()
        // The details are compared in clear; they hold the id of the call.
        .filter(|(name, _)| {
            !["x-request-id", "date", "grpc-status-details-bin"].contains(&name.as_str())
        })
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    lines.sort();
    lines
}
