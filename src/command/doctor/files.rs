//! How many files and connections a process started here may have open.

use std::{collections::BTreeSet, fs};

use super::report::Report;
use crate::config::Settings;

pub(super) const NAME: &str = "files";

/// The program's own, and those of keys, letters and logs.
const OWN: u64 = 64;

/// Holds the limit of this process against the connections that the configuration permits.
pub(super) fn check(settings: &Settings) -> Report {
    let report = Report::new(NAME);
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let Some(limit) = limit(&limits) else {
        return report.ok("the limit of open files is not told on this system");
    };
    let wanted = wanted(settings);
    let found = format!("a process may have {limit} files open");
    if limit < wanted {
        report.warn(
            format!("{found}, and the configuration permits connections for {wanted}"),
            format!(
                "raise it for the service to {wanted} (LimitNOFILE of systemd, `ulimit -n`), or lower grpc.max_connections \
                 and gateway.max_connections"
            ),
        )
    } else {
        report.ok(format!("{found}, and needs {wanted} at most"))
    }
}

fn wanted(settings: &Settings) -> u64 {
    let pictures = &settings.pictures;
    // Each listener has its own.
    let rest: BTreeSet<_> = settings
        .served_dialects()
        .map(|(_, dialect)| dialect.listen)
        .collect();
    let grpc = 1 + usize::from(settings.admin.listen.is_some());
    let counts = [
        settings.grpc.max_connections.saturating_mul(grpc),
        settings.gateway.max_connections.saturating_mul(rest.len()),
        usize::try_from(settings.store.max_connections).unwrap_or(usize::MAX),
        pictures.max_uploads,
        pictures.max_downloads,
    ];
    let counts = counts.into_iter().map(|count| count as u64);
    counts.fold(OWN, u64::saturating_add)
}

/// The soft limit, in the words of Linux.
fn limit(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_read() {
        let limits =
            "Limit  Soft Limit  Hard Limit  Units\nMax open files   1024    524288    files\n";
        assert_eq!(limit(limits), Some(1024));
        assert_eq!(
            limit("Max open files  unlimited unlimited files"),
            Some(u64::MAX)
        );
        assert_eq!(limit(""), None);
    }
}
