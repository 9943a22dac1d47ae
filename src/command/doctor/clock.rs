//! The clock of this machine against those of the servers.

use super::report::Report;
use crate::sessions::token::CLOCK_SKEW;

pub(super) const NAME: &str = "clock";

/// Milliseconds of difference that say nothing: a slow answer looks the same.
const NOTHING: u64 = 3_000;

/// The clock of one server beside ours.
pub(super) struct Compared {
    /// Whose it is.
    pub(super) whose: String,
    /// Milliseconds by which it is ahead of ours; negative where it is behind.
    pub(super) ahead: i64,
}

/// Judges the differences that were measured: a token that is signed by a node too far ahead is refused by the others.
pub(super) fn judge(compared: Vec<Compared>) -> Report {
    let report = Report::new(NAME);
    if compared.is_empty() {
        return report.ok("no other clock to compare with this machine's");
    }
    let bearable = CLOCK_SKEW.unsigned_abs() * 1000;
    compared
        .into_iter()
        .fold(report, |report, Compared { whose, ahead }| {
            let by = ahead.unsigned_abs();
            let direction = if ahead < 0 { "behind" } else { "ahead of" };
            let seconds = format!("{}.{} s", by / 1000, by % 1000 / 100);
            let found = format!("{whose} is {seconds} {direction} this machine");
            let advice =
                "let NTP set the clocks of all machines, such as by chrony or systemd-timesyncd";
            if by > bearable {
                report.fail(format!("{found}, and tokens bear {CLOCK_SKEW} s"), advice)
            } else if by > NOTHING {
                report.warn(found, advice)
            } else {
                report.ok(format!("{whose} agrees with this machine"))
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_that_tokens_bear_is_the_limit() {
        let judged = |ahead| {
            let whose = "SQL".to_owned();
            let told = serde_json::to_value(judge(vec![Compared { whose, ahead }])).unwrap();
            told["status"].as_str().unwrap().to_owned()
        };
        assert_eq!([-3_000, 0, 3_000].map(judged), ["ok", "ok", "ok"]);
        assert_eq!([-3_001, 60_000].map(judged), ["warning", "warning"]);
        assert_eq!([-60_001, 60_001].map(judged), ["failure", "failure"]);
    }
}
