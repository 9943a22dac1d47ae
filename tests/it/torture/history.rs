//! What happened, in order, and what must not have.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

tokio::task_local! {
    /// Whose calls a task makes.
    pub(super) static WHO: String;
}

/// How many of the last events of a person are told with a broken invariant.
const TOLD: usize = 40;

/// Something that a person did or met.
struct Event {
    at: Duration,
    who: String,
    what: String,
}

/// The record of one run.
pub(super) struct History {
    began: Instant,
    events: Mutex<Vec<Event>>,
    counts: Mutex<BTreeMap<String, u64>>,
    broken: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            events: Mutex::default(),
            counts: Mutex::default(),
            broken: Mutex::default(),
            is_over: AtomicBool::new(false),
        }
    }

    pub(super) fn note(&self, who: &str, what: String) {
        self.events.lock().unwrap().push(Event {
            at: self.began.elapsed(),
            who: who.to_owned(),
            what,
        });
    }

    /// Counts something for the report.
    pub(super) fn count(&self, what: impl Into<String>) {
        *self.counts.lock().unwrap().entry(what.into()).or_default() += 1;
    }

    /// Writes a broken invariant down, with what led to it. The run ends.
    pub(super) fn break_off(&self, who: &str, invariant: &str, what: &str) {
        let mut text = format!("{invariant}: {what} ({who})");
        let events = self.events.lock().unwrap();
        let mut last: Vec<&Event> = events
            .iter()
            .rev()
            .filter(|event| event.who == who || event.who == "nemesis")
            .take(TOLD)
            .collect();
        last.reverse();
        for event in last {
            write!(
                text,
                "\n  {:>9.3?} {:<9} {}",
                event.at, event.who, event.what
            )
            .unwrap();
        }
        drop(events);
        self.broken.lock().unwrap().push(text);
        self.end();
    }

    /// What was broken.
    pub(super) fn broken(&self) -> Vec<String> {
        self.broken.lock().unwrap().clone()
    }

    pub(super) fn is_broken(&self) -> bool {
        !self.broken.lock().unwrap().is_empty()
    }

    /// Asks everybody to stop.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// All that happened, one event a line.
    pub(super) fn all(&self) -> String {
        let events = self.events.lock().unwrap();
        let lines = events.iter();
        lines.fold(String::new(), |mut text, event| {
            writeln!(text, "{:>9.3?} {:<9} {}", event.at, event.who, event.what).unwrap();
            text
        })
    }

    /// How often things were counted whose name begins so.
    pub(super) fn counted(&self, name: &str) -> u64 {
        let counts = self.counts.lock().unwrap();
        let meant = counts.iter().filter(|(what, _)| what.starts_with(name));
        meant.map(|(_, count)| count).sum()
    }

    /// The counts, one a line, with the totals last.
    pub(super) fn report(&self) -> String {
        let totals = format!(
            "  in all: {} calls, {} faults, {} kills, {} codes used, {} revocations checked\n",
            self.counted("") - self.counted("!") - self.counted("*"),
            self.counted("!"),
            self.kills(),
            self.counted("* codes used"),
            self.counted("* revocations checked"),
        );
        let counts = self.counts.lock().unwrap();
        let lines = counts.iter();
        lines.fold(String::new(), |mut text, (what, count)| {
            writeln!(text, "  {count:>9}  {what}").unwrap();
            text
        }) + &totals
    }

    /// How often a process ended at once.
    pub(super) fn kills(&self) -> u64 {
        self.counted("! kill -9") + self.counted("! fell at a point")
    }
}
