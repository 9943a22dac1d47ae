//! A refusal of the contract, taken apart.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::proto::ErrorReason;

/// Why a call was refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The reason out of the closed list.
    pub(super) reason: ErrorReason,
    /// For people.
    pub(super) text: String,
    /// The fields that cannot be taken.
    pub(super) violations: Vec<Violation>,
    /// When the call may be sent again.
    pub(super) retry: Option<Duration>,
}

/// One field that cannot be taken.
#[derive(Clone, Debug)]
pub(super) struct Violation {
    /// Its name in the contract.
    pub(super) field: String,
    /// Why, for machines: `REQUIRED`, `TOO_LONG`, ….
    pub(super) reason: String,
    /// Why, for people.
    pub(super) text: String,
}

impl Refusal {
    /// The violation of that field.
    pub(super) fn violation(&self, field: &str) -> Option<&Violation> {
        self.violations.iter().find(|one| one.field == field)
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let reason = info
            .filter(|info| info.domain == "accountd")
            .and_then(|info| ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)))
            .unwrap_or_else(|| bare(&status));
        let violations = details.bad_request().into_iter();
        let violations = violations.flat_map(|told| &told.field_violations);
        Self {
            reason,
            text: status.message().to_owned(),
            violations: violations
                .map(|one| Violation {
                    field: one.field.clone(),
                    reason: one.reason.clone(),
                    text: one.description.clone(),
                })
                .collect(),
            retry: details.retry_info().and_then(|told| told.retry_delay),
        }
    }
}

/// The reason of a status that no accountd has made: of the way to it, or of a newer one.
fn bare(status: &Status) -> ErrorReason {
    tracing::warn!(code = ?status.code(), "a status without a reason of ours");
    match status.code() {
        Code::Unavailable | Code::Unknown => ErrorReason::DependencyUnavailable,
        Code::DeadlineExceeded | Code::Cancelled => ErrorReason::DeadlineExceeded,
        _ => ErrorReason::Internal,
    }
}
