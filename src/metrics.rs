//! What is counted, and what an operator should think of it.
//!
//! Each metric is declared once, in [`ALL`]: from there come the descriptions and the zeros at `/metrics`, and
//! `docs/metrics.md`. The functions below are the only way to move them. No label holds an account, an address, or
//! anything else that a caller makes up; all values of a label are known beforehand.
//!
//! Nothing is kept unless a recorder was installed, which `command` does where `metrics.listen` is set.

pub mod calls;
mod catalogue;
mod label;
pub mod requests;

use std::time::Duration;

use ::metrics::{Key, Label, Level, Metadata, SharedString, with_recorder};

pub use catalogue::ALL;
use catalogue::{
    BUILD_INFO, CODES_CHECKED, CODES_FORGOTTEN, CODES_ISSUED, CONFIG_READ, CONFIG_RELOADS,
    DEPENDENCY_UP, HASH_QUEUE, HASH_RUN, HASH_SLOTS, HASH_SLOTS_IN_USE, HASH_WAIT, HASHES,
    KEYS_READ, KV_UNANSWERED, MAIL_ATTEMPTS, MAIL_LAG, MARKS_MISSED, MARKS_RESTORED, RATE_LIMITED,
    REFRESH_REUSE, REVOCATION_CHECKS, SQL_UNAVAILABLE, STARTED,
};
pub use label::{
    Check, Checked, Dependency, Dimension, HashOutcome, Issued, KvOperation, MailOutcome, Reloaded,
};

/// The upper bounds of the buckets of every histogram, in seconds: from a read out of memory to the longest deadline.
pub const BUCKETS: [f64; 19] = [
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025,
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// How a metric moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Up, from zero at the start of the process.
    Counter,
    /// Up and down.
    Gauge,
    /// How many values lay below each of [`BUCKETS`], their number and their sum.
    Histogram,
}

impl Kind {
    /// Its name in the text format of Prometheus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
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

/// Describes every metric to the recorder and starts the counters, so that an alert sees the first step from 0 to 1.
///
/// Gauges and histograms begin with their first value: a 0 that nobody has measured would say that something is down.
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
            Kind::Histogram => {
                with_recorder(|recorder| recorder.describe_histogram(name, None, meaning));
            }
        }
    }
    let version = Label::from_static_parts("version", env!("CARGO_PKG_VERSION"));
    set(&Key::from_parts(BUILD_INFO.name, vec![version]), 1.0);
}

/// Describes every metric to the recorder of the process and begins to count calls and requests.
///
/// Those are counted by handles that are kept, so the recorder must be the one for the rest of the process.
pub fn start() {
    describe();
    calls::start();
    // Without them, nothing would be there to be counted.
    set(&key(CONFIG_READ.name, &[]), 1.0);
    keys_read(true);
}

/// The process started this time after the beginning of 1970.
pub fn process_started(since: Duration) {
    set(&Key::from_static_name(STARTED.name), since.as_secs_f64());
}

/// A password waited for a thread for `wait`, and was then hashed for `run`.
pub fn hashed(wait: Duration, run: Duration) {
    observe(&Key::from_static_name(HASH_WAIT.name), wait);
    observe(&Key::from_static_name(HASH_RUN.name), run);
}

/// How the threads that hash stand: how many there are, how many are at work, how many passwords wait.
pub fn hash_slots(threads: usize, running: usize, waiting: usize) {
    for (metric, number) in [
        (&HASH_SLOTS, threads),
        (&HASH_SLOTS_IN_USE, running),
        (&HASH_QUEUE, waiting),
    ] {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        set(&Key::from_static_name(metric.name), f64::from(number));
    }
}

/// How many passwords have had that outcome since the start.
pub fn hashes(outcome: HashOutcome, total: u64) {
    let key = key(HASHES.name, outcome.pairs());
    with_recorder(|recorder| recorder.register_counter(&key, &METADATA)).absolute(total);
}

/// Somebody wanted a code of that purpose, which is a name of `mails::Purpose`.
pub fn code_issued(purpose: &'static str, outcome: Issued) {
    add(&code_key(CODES_ISSUED.name, purpose, outcome.pairs()), 1);
}

/// A code of that purpose was brought back.
pub fn code_checked(purpose: &'static str, outcome: Checked) {
    add(&code_key(CODES_CHECKED.name, purpose, outcome.pairs()), 1);
}

fn code_key(name: &'static str, purpose: &'static str, outcome: &'static [Label]) -> Key {
    let purpose = Label::from_static_parts(label::PURPOSE.name, purpose);
    Key::from_parts(name, [&[purpose], outcome].concat())
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
    let label = Label::from_static_parts(label::LIMIT.name, limit);
    add(&Key::from_parts(RATE_LIMITED.name, vec![label]), 1);
}

/// The configuration was read again.
pub fn config_reloaded(outcome: Reloaded) {
    let is_refused = outcome == Reloaded::Refused;
    add(&key(CONFIG_RELOADS.name, outcome.pairs()), 1);
    set(&key(CONFIG_READ.name, &[]), f64::from(!is_refused));
}

/// The key directory was read, and could be used or not.
pub fn keys_read(is_used: bool) {
    set(&key(KEYS_READ.name, &[]), f64::from(is_used));
}

/// A key whose making allocates nothing.
fn key(name: &'static str, labels: &'static [Label]) -> Key {
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

fn observe(key: &Key, time: Duration) {
    with_recorder(|recorder| recorder.register_histogram(key, &METADATA)).record(time);
}
