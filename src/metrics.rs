//! What is counted, and what an operator should think of it.
//!
//! Each metric is declared once, in [`ALL`]: from there come the descriptions and the zeros at `/metrics`, and
//! `docs/metrics.md`. The functions below are the only way to move them. No label holds an account, an address, or
//! anything else that a caller makes up; all values of a label are known beforehand.
//!
//! Nothing is kept unless a recorder was installed, which `command` does where `metrics.listen` is set.

mod label;

use std::time::Duration;

use ::metrics::{Key, Level, Metadata, SharedString, with_recorder};

pub use label::{Check, Dependency, Dimension, KvOperation, MailOutcome};

/// How a metric moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Up, from zero at the start of the process.
    Counter,
    /// Up and down.
    Gauge,
}

impl Kind {
    /// Its name in the text format of Prometheus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

/// A metric, as it is described to operators.
#[derive(Debug)]
pub struct Metric {
    /// Its name at `/metrics`, unit and all.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// What it is split by.
    pub labels: &'static [Dimension],
    /// What it says.
    pub meaning: &'static str,
    /// What an operator should think of it.
    pub advice: &'static str,
}

const MARKS_RESTORED: Metric = Metric {
    name: "accountd_revocation_marks_restored_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Ended sessions whose mark was missing in the key-value store and was put back.",
    advice: "Should stay where it is. Beyond what `accountd_revocation_marks_missed_total` of all replicas explains, the \
             key-value store has forgotten: it was flushed or restarted empty, it evicts, or a replica took over that had \
             not caught up. Nothing revoked was accepted, since SQL decides. A single one may be a call that overtook the mark \
             of the logout that it met, or a process that died between the two. With `kv.kind` memory it rises after each \
             restart, which is as it should be. If the store has lost nothing, then SQL has: ask whether an older backup \
             was restored.",
};

const MARKS_MISSED: Metric = Metric {
    name: "accountd_revocation_marks_missed_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Ended sessions whose mark could not be set, since the key-value store did not answer.",
    advice: "Rises with `accountd_kv_unanswered_total`. The sessions are ended all the same; each mark is put back by the \
             first call that needs it.",
};

const REVOCATION_CHECKS: Metric = Metric {
    name: "accountd_revocation_checks_total",
    kind: Kind::Counter,
    labels: &[Check::DIMENSION],
    meaning: "Calls with a well-signed access token, by what told whether its session lives: `mark` is refused by a mark, \
              `sql` is decided by SQL after the key-value store had no mark, `sql_alone` is decided by SQL while the \
              key-value store gave no answer in time.",
    advice: "A growing share of `sql_alone` means that the key-value store is slow or away. A growing share of `mark` means \
             that clients go on with tokens of sessions that ended.",
};

const KV_UNANSWERED: Metric = Metric {
    name: "accountd_kv_unanswered_total",
    kind: Kind::Counter,
    labels: &[KvOperation::DIMENSION],
    meaning: "Calls to Redis that got no answer in time, or none that can be trusted.",
    advice: "Look at Redis and the network to it. Codes are refused meanwhile; sessions go on from SQL. If only one \
             operation is concerned, something else writes to our keys.",
};

const CODES_FORGOTTEN: Metric = Metric {
    name: "accountd_codes_forgotten_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Guesses at codes whose time was not over and that the key-value store had forgotten.",
    advice: "People are told to ask for another code. As with the marks put back, the key-value store has lost data.",
};

const SQL_UNAVAILABLE: Metric = Metric {
    name: "accountd_sql_unavailable_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Statements of calls and of the delivery of mail that the database did not answer, or refused for now.",
    advice: "Calls are refused with `DEPENDENCY_UNAVAILABLE`. The log says what the driver said: the database is away, its \
             connections are used up (`store.max_connections`), or statements take too long.",
};

const MAIL_LAG: Metric = Metric {
    name: "accountd_mail_outbox_lag_seconds",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "Age of the oldest letter in the outbox that is due; looked at every few seconds.",
    advice: "Seconds are normal, minutes are not: the relay is away, or too slow for what is sent. All replicas tell the \
             same. While SQL does not answer it stands still.",
};

const MAIL_ATTEMPTS: Metric = Metric {
    name: "accountd_mail_attempts_total",
    kind: Kind::Counter,
    labels: &[MailOutcome::DIMENSION],
    meaning: "Letters taken out of the outbox, by what became of them: `sent`; put back since no letter leaves (`closed`), \
              since this one was refused for now (`later`), or since it may have left (`unsure`); given up since it was \
              refused for good (`never`), or since its time was over (`dropped`).",
    advice: "`closed` is about the relay, `later` and `never` about letters or addresses. `unsure` may mean copies. \
             `dropped` means that somebody has waited for a mail in vain.",
};

const DEPENDENCY_UP: Metric = Metric {
    name: "accountd_dependency_up",
    kind: Kind::Gauge,
    labels: &[Dependency::DIMENSION],
    meaning: "Whether the dependency answered when it was last asked: 1 or 0. SQL counts only once its schema is this \
              version's.",
    advice: "0 for `sql`: nothing is served. 0 for `kv`: codes are refused. 0 for `mail`: letters wait. 0 for `pictures`: \
             pictures are refused.",
};

const REFRESH_REUSE: Metric = Metric {
    name: "accountd_refresh_reuse_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Sessions that were ended since a refresh token was presented after its successor had been used.",
    advice: "One now and then is a client that keeps an old token. Many at once are stolen tokens, or a client that was \
             released with a fault.",
};

const RATE_LIMITED: Metric = Metric {
    name: "accountd_rate_limited_total",
    kind: Kind::Counter,
    labels: &[label::LIMIT],
    meaning: "Calls that were refused by a limit of the section `[limits]`.",
    advice: "`login` and `account` rise when passwords are guessed, `address` and `realm` under a flood. If a proxy stands \
             in front, see that `grpc.trusted_proxies` names it: otherwise all callers share its address.",
};

/// Every metric there is.
pub const ALL: [Metric; 11] = [
    MARKS_RESTORED,
    MARKS_MISSED,
    REVOCATION_CHECKS,
    KV_UNANSWERED,
    CODES_FORGOTTEN,
    SQL_UNAVAILABLE,
    MAIL_LAG,
    MAIL_ATTEMPTS,
    DEPENDENCY_UP,
    REFRESH_REUSE,
    RATE_LIMITED,
];

/// Describes every metric to the recorder and starts the counters, so that an alert sees the first step from 0 to 1.
///
/// Gauges begin with their first value: a 0 that nobody has measured would say that something is down.
pub fn describe() {
    for metric in &ALL {
        let (name, meaning) = (metric.name.into(), SharedString::const_str(metric.meaning));
        match metric.kind {
            Kind::Counter => {
                with_recorder(|recorder| recorder.describe_counter(name, None, meaning));
                for labels in label::combinations(metric.labels) {
                    add(&Key::from_parts(metric.name, labels), 0);
                }
            }
            Kind::Gauge => with_recorder(|recorder| recorder.describe_gauge(name, None, meaning)),
        }
    }
}

/// The mark of an ended session was missing in the key-value store and has been put back.
pub fn mark_restored() {
    add(&Key::from_static_name(MARKS_RESTORED.name), 1);
}

/// So many sessions ended without a mark, since the key-value store did not answer.
pub fn marks_missed(sessions: usize) {
    let sessions = u64::try_from(sessions).unwrap_or(u64::MAX);
    add(&Key::from_static_name(MARKS_MISSED.name), sessions);
}

/// It was decided whether the session of an access token lives.
pub fn revocation_checked(by: Check) {
    add(&key(REVOCATION_CHECKS.name, by.pairs()), 1);
}

/// Redis gave no answer to a call, or none that can be trusted.
pub fn kv_unanswered(operation: KvOperation) {
    add(&key(KV_UNANSWERED.name, operation.pairs()), 1);
}

/// A code whose time was not over had been forgotten by the key-value store.
pub fn code_forgotten() {
    add(&Key::from_static_name(CODES_FORGOTTEN.name), 1);
}

/// A statement got no answer, or was refused for now.
pub fn sql_unavailable() {
    add(&Key::from_static_name(SQL_UNAVAILABLE.name), 1);
}

/// The oldest letter that is due has been so for this time.
pub fn outbox_lag(lag: Duration) {
    set(&Key::from_static_name(MAIL_LAG.name), lag.as_secs_f64());
}

/// What became of a letter that was taken out of the outbox.
pub fn mail_attempted(outcome: MailOutcome) {
    add(&key(MAIL_ATTEMPTS.name, outcome.pairs()), 1);
}

/// Whether a dependency answered when it was asked.
pub fn dependency_answered(dependency: Dependency, is_up: bool) {
    let value = f64::from(u8::from(is_up));
    set(&key(DEPENDENCY_UP.name, dependency.pairs()), value);
}

/// A session was ended since one of its refresh tokens was used again.
pub fn refresh_reused() {
    add(&Key::from_static_name(REFRESH_REUSE.name), 1);
}

/// A call was refused by that limit.
pub fn rate_limited(limit: &'static str) {
    let label = ::metrics::Label::from_static_parts(label::LIMIT.name, limit);
    add(&Key::from_parts(RATE_LIMITED.name, vec![label]), 1);
}

/// A key whose making allocates nothing.
fn key(name: &'static str, labels: &'static [::metrics::Label]) -> Key {
    Key::from_static_labels(name, labels)
}

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

fn add(key: &Key, more: u64) {
    with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(more);
}

fn set(key: &Key, value: f64) {
    with_recorder(|recorder| recorder.register_gauge(key, &METADATA)).set(value);
}
