//! The configuration, as `accountd config check` sees it.

use super::report::Report;
use crate::config::{Faults, Settings};

pub(super) const NAME: &str = "configuration";

/// Judges the outcome of reading it. What is to be done are its own sentences, which name the keys.
pub(super) fn check(loaded: &Result<Settings, Faults>) -> Report {
    let report = Report::new(NAME);
    match loaded {
        Err(faults) => {
            let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
            let found = match told.len() {
                1 => "1 fault".to_owned(),
                count => format!("{count} faults"),
            };
            tell(told, |first| report.fail(found, first))
        }
        Ok(settings) => {
            let told: Vec<String> = settings
                .warnings()
                .iter()
                .map(ToString::to_string)
                .collect();
            let found = match told.len() {
                0 => return report.ok("no faults"),
                1 => "no faults and 1 warning".to_owned(),
                count => format!("no faults and {count} warnings"),
            };
            tell(told, |first| report.warn(found, first))
        }
    }
}

fn tell(told: Vec<String>, begin: impl FnOnce(String) -> Report) -> Report {
    let mut told = told.into_iter();
    let report = begin(told.next().unwrap_or_default());
    told.fold(report, Report::also)
}
