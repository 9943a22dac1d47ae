//! The key directory: what signs, how old it is, and what comes next.

use std::time::Duration;

use super::{
    Patient,
    directory::{self, Directory},
    report::Report,
};
use crate::{
    backend::Timestamp,
    keys::{self, KeysError, Kind, Listed, State},
};

pub(super) const NAME: &str = "keys";

/// Age at which a key is old. NIST SP 800-57 part 1, 5.3.6 names one year for a master key and one to three for a private
/// key that signs.
const OLD: Duration = Duration::from_hours(365 * 24);

/// Reads the directory as a start would, and makes no key.
pub(super) async fn check(patient: &Patient) -> Report {
    let report = Report::new(NAME);
    let directory = patient.settings.keys_directory();
    let delay = patient.settings.keys.activation_delay;
    let now = patient.clock.now();
    let is_filled = patient.settings.keys.directory.is_none();
    let read = move || {
        let listed = keys::list(&directory, delay, now);
        (listed, is_filled.then(|| directory::look(&directory)))
    };
    let Ok((listed, filled)) = tokio::task::spawn_blocking(read).await else {
        return report.fail("the directory could not be read", "run it again");
    };
    match (listed, filled) {
        (Ok(listed), _) => judge(report, &listed, delay, now, patient.settings.passwords.pepper),
        (Err(KeysError::Missing { kind, .. }), Some(Directory::Writable | Directory::Missing)) => {
            report.warn(
                format!("there is no {kind} key yet"),
                "run `accountd keys generate`, or let the first start make it; if there should be one, restore it",
            )
        }
        (Err(error), _) => {
            let (found, advice) = words(&error);
            report.fail(found, advice)
        }
    }
}

fn judge(
    report: Report,
    listed: &[Listed],
    delay: Duration,
    now: Timestamp,
    has_pepper: bool,
) -> Report {
    let report = [Kind::Signing, Kind::Secret]
        .into_iter()
        .fold(report, |report, kind| judge_kind(report, listed, kind));
    let report = if has_pepper {
        report.ok("passwords are peppered, so keep every secret key and a copy elsewhere")
    } else {
        report
    };
    let waiting = listed.iter().filter(|key| key.state == State::Waiting);
    waiting.fold(report, |report, key| {
        let wait = span((key.id.created() + delay) - now);
        let found = format!("{} key {} takes over in {wait}", key.kind, key.id);
        // What was made here and now cannot be dated later.
        if key.id.created() > now + delay {
            report.warn(
                format!("{found}, as it is dated in the future"),
                "set the clock of this machine, or that of the one which made the key",
            )
        } else {
            report.ok(found)
        }
    })
}

fn judge_kind(report: Report, listed: &[Listed], kind: Kind) -> Report {
    let of_kind = listed.iter().filter(|key| key.kind == kind);
    let count = of_kind.clone().count();
    let Some(current) = of_kind.into_iter().find(|key| key.state == State::Current) else {
        return report;
    };
    let algorithm = current.algorithm.map(keys::Algorithm::name);
    let algorithm = algorithm.map_or_else(String::new, |name| format!(" ({name})"));
    let found = format!(
        "{kind} key {}{algorithm}, {} old, is in use of {count}",
        current.id,
        span(current.age)
    );
    if current.age > OLD {
        report.warn(found, "run `accountd keys rotate`, at least once a year")
    } else {
        report.ok(found)
    }
}

/// In days where it is long, and never in more than two units.
fn span(time: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..DAY => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / DAY),
    }
}

/// What was found and what to do, of which the error's own sentence has both.
fn words(error: &KeysError) -> (String, String) {
    let text = error.to_string();
    match text.split_once("; ") {
        Some((found, advice)) => (found.to_owned(), advice.to_owned()),
        None => (
            text,
            "let this user read the directory, or set keys.directory to another".to_owned(),
        ),
    }
}
