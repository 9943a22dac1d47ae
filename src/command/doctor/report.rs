//! What a check found, and how all of it is told.

use std::fmt;

use serde::Serialize;

use super::redact::Redact;

/// How it stands with what was looked at; the worst of it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// Not looked at, since it rests on something that failed.
    Skipped,
    /// As it should be.
    Ok,
    /// It works, and something should be done.
    Warning,
    /// It does not work.
    Failure,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

/// What one check found. Each warning and each failure has at least one sentence on what to do.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    check: &'static str,
    status: Status,
    found: String,
    advice: Vec<String>,
}

impl Report {
    pub(super) const fn new(check: &'static str) -> Self {
        Self {
            check,
            status: Status::Ok,
            found: String::new(),
            advice: Vec::new(),
        }
    }

    pub(super) fn skipped(check: &'static str, why: &str) -> Self {
        Self {
            status: Status::Skipped,
            found: format!("not looked at: {why}"),
            ..Self::new(check)
        }
    }

    /// Adds what is in order.
    pub(super) fn ok(self, found: impl Into<String>) -> Self {
        self.add(Status::Ok, &found.into(), None)
    }

    /// Adds what should be changed.
    pub(super) fn warn(self, found: impl Into<String>, advice: impl Into<String>) -> Self {
        self.add(Status::Warning, &found.into(), Some(advice.into()))
    }

    /// Adds what must be changed.
    pub(super) fn fail(self, found: impl Into<String>, advice: impl Into<String>) -> Self {
        self.add(Status::Failure, &found.into(), Some(advice.into()))
    }

    /// Adds one more thing to do about what was found last.
    pub(super) fn also(mut self, advice: impl Into<String>) -> Self {
        self.advice.push(advice.into());
        self
    }

    pub(super) fn has_failed(&self) -> bool {
        self.status == Status::Failure
    }

    fn add(mut self, status: Status, found: &str, advice: Option<String>) -> Self {
        self.status = self.status.max(status);
        if !self.found.is_empty() {
            self.found.push_str("; ");
        }
        // A line each, whatever an error says.
        self.found.push_str(&found.replace(['\n', '\r'], " "));
        self.advice.extend(advice);
        self
    }
}

/// All reports. Its JSON keeps its shape: fields may be added, none goes or changes its meaning.
#[derive(Debug, Serialize)]
pub(super) struct Diagnosis {
    version: &'static str,
    status: Status,
    checks: Vec<Report>,
}

impl Diagnosis {
    /// The reports without anything secret.
    pub(super) fn new(mut checks: Vec<Report>, redact: &Redact) -> Self {
        for report in &mut checks {
            for text in std::iter::once(&mut report.found).chain(&mut report.advice) {
                *text = redact.apply(text);
            }
        }
        let worst = checks.iter().map(|report| report.status).max();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            status: worst.unwrap_or(Status::Ok),
            checks,
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.status == Status::Failure
    }

    /// One document, with a line feed at its end.
    pub(super) fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    fn count(&self, status: Status) -> usize {
        let of_status = self.checks.iter().filter(|report| report.status == status);
        of_status.count()
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for report in &self.checks {
            let status = report.status.word();
            writeln!(f, "{status:<8} {:<14} {}", report.check, report.found)?;
            for advice in &report.advice {
                writeln!(f, "{:<8} {:<14} -> {advice}", "", "")?;
            }
        }
        let [failed, warned] = [Status::Failure, Status::Warning].map(|status| self.count(status));
        writeln!(
            f,
            "{} checks: {failed} failed, {warned} with warnings",
            self.checks.len()
        )
    }
}
