//! Why a call came to nothing, in one line.

use std::{error::Error, fmt};

use serde::Serialize;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::output::plain;
use crate::{grpc::status::DOMAIN, proto};

/// A call that was refused, or lost on its way.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Refusal {
    /// The reason of the contract without its prefix; empty when no accountd has answered.
    pub(super) reason: String,
    /// For people.
    pub(super) message: String,
    /// The fields that cannot be taken.
    pub(super) violations: Vec<Violation>,
    /// What to do; empty when nothing is known.
    pub(super) advice: String,
}

/// One field that cannot be taken.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Violation {
    /// Its name in the contract.
    pub(super) field: String,
    /// Why, in one word.
    pub(super) reason: String,
    /// Why, for people; it never has the value.
    pub(super) description: String,
}

impl Refusal {
    /// What has no reason of the contract.
    pub(super) const fn without_reason(message: String) -> Self {
        Self {
            reason: String::new(),
            message,
            violations: Vec::new(),
            advice: String::new(),
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details
            .error_info()
            .filter(|info| info.domain == DOMAIN)
            .map(|info| info.reason.clone());
        let Some(reason) = info else {
            return Self {
                advice: advice_by_code(status.code()).to_owned(),
                ..Self::without_reason(bare(&status))
            };
        };
        let violations = details.bad_request().into_iter();
        let violations = violations.flat_map(|told| &told.field_violations);
        let retry = details.retry_info().and_then(|told| told.retry_delay);
        let advice = match retry {
            Some(wait) => format!("try again in {}", humantime::format_duration(wait)),
            None => advice(&reason).to_owned(),
        };
        Self {
            advice,
            reason,
            message: status.message().to_owned(),
            violations: violations
                .map(|one| Violation {
                    field: one.field.clone(),
                    reason: one.reason.clone(),
                    description: one.description.clone(),
                })
                .collect(),
        }
    }
}

impl From<proto::RowError> for Refusal {
    fn from(error: proto::RowError) -> Self {
        let violations = error.violations.into_iter().map(|one| Violation {
            field: one.field,
            reason: one.reason,
            description: one.description,
        });
        Self {
            reason: error.reason,
            message: error.message,
            violations: violations.collect(),
            advice: String::new(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if !self.reason.is_empty() {
            text = format!("{}: ", self.reason);
        }
        text.push_str(&self.message);
        // The message of a server may have them in its own words.
        let untold = |one: &&Violation| !self.message.contains(&one.description);
        let violations: Vec<String> = self
            .violations
            .iter()
            .filter(untold)
            .map(|one| format!("{}: {}", one.field, one.description))
            .collect();
        if !violations.is_empty() {
            text = format!("{text} ({})", violations.join("; "));
        }
        if !self.advice.is_empty() {
            text = format!("{text}; {}", self.advice);
        }
        f.write_str(&plain(&text))
    }
}

impl Error for Refusal {}

/// The last cause of an error, which names what happened and not where.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// What a status says that no accountd has made.
fn bare(status: &Status) -> String {
    let text = match status.source() {
        Some(source) => root_cause(source),
        None => status.message().to_owned(),
    };
    if text.is_empty() {
        status.code().description().to_owned()
    } else {
        text
    }
}

const fn advice_by_code(code: Code) -> &'static str {
    match code {
        Code::Unimplemented => {
            "is the address that of admin.listen? Operators are served on a listener of their own"
        }
        Code::Unknown | Code::Unavailable | Code::Cancelled => {
            "the connection was lost: see whether accountd still runs, and whether it demands a certificate (--cert)"
        }
        _ => "",
    }
}

fn advice(reason: &str) -> &'static str {
    match reason {
        "TOKEN_MISSING" => "give a token by --token-file, or a certificate by --cert",
        "TOKEN_INVALID" => {
            "see `accountd admin operator list` at the server for who is an operator, and --token-file here"
        }
        "TOKEN_EXPIRED" => "add the operator anew: `accountd admin operator add`",
        "SCOPE_MISSING" => {
            "an operator with that scope may, in that realm: see `accountd admin operator list` at the server"
        }
        "REALM_UNKNOWN" => "see --realm",
        "ACCOUNT_NOT_FOUND" => "see --realm, and the account's name",
        "SESSION_NOT_FOUND" => "it may have ended; without --session all are ended",
        "LIMIT_NOT_FOUND" => "`accountd admin limits get` tells their names",
        "METHOD_UNKNOWN" => {
            "is the address that of admin.listen, and accountd there as new as this one?"
        }
        "INVALID_FIELD" => "correct what is named",
        "INTERNAL" => "the log of the server says more",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::Duration};

    use tonic_types::{ErrorDetails, FieldViolation};

    use super::*;

    #[test]
    fn a_refusal_is_one_line_with_its_fields_and_what_to_do() {
        let mut details = ErrorDetails::new();
        details.set_error_info("INVALID_FIELD", DOMAIN, HashMap::new());
        details.set_bad_request(vec![FieldViolation::new("filter", "has no\nfield \"x\"")]);
        let status = Status::with_error_details(Code::InvalidArgument, "some fields", details);
        let refusal = Refusal::from(status);
        assert_eq!(
            refusal.to_string(),
            "INVALID_FIELD: some fields (filter: has no\u{fffd}field \"x\"); correct what is named"
        );
        let told = Refusal {
            message: "filter: has no\nfield \"x\"".to_owned(),
            ..refusal
        };
        assert_eq!(told.to_string().matches("has no").count(), 1, "told once");
    }

    #[test]
    fn a_known_wait_is_told() {
        let mut details = ErrorDetails::new();
        details.set_error_info("OVERLOADED", DOMAIN, HashMap::new());
        details.set_retry_info(Some(Duration::from_secs(2)));
        let status = Status::with_error_details(Code::ResourceExhausted, "busy", details);
        assert_eq!(
            Refusal::from(status).to_string(),
            "OVERLOADED: busy; try again in 2s"
        );
    }

    #[test]
    fn a_status_of_somebody_else_has_no_reason() {
        let refusal = Refusal::from(Status::unimplemented(""));
        assert!(refusal.reason.is_empty());
        assert!(refusal.to_string().contains("admin.listen"), "{refusal}");
    }
}
