//! A file that tells a process under test what is to go wrong.
//!
//! One order a line: `bug NAME`, `clock MILLISECONDS`, `noise SEED LATE_PERMILLE BY_MILLISECONDS FAILING_PERMILLE`, and
//! `at FAULT SPARED POINT`, whose point is the rest of the line. The whole file counts anew whenever it changes.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    str::FromStr as _,
    time::{Duration, Instant},
};

use super::{Armed, Bug, Fault, Noise};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// The file, and what it said last.
#[derive(Debug)]
pub(super) struct Control {
    path: PathBuf,
    looked: Option<Instant>,
    text: String,
}

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct Orders {
    pub(super) bugs: BTreeSet<Bug>,
    pub(super) armed: Option<Armed>,
    pub(super) noise: Option<Noise>,
    pub(super) clock: i64,
}

impl Control {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            looked: None,
            text: String::new(),
        }
    }

    /// What the file says, if that is new.
    pub(super) fn orders(&mut self) -> Option<Orders> {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
            return None;
        }
        self.looked = Some(Instant::now());
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        if text == self.text {
            return None;
        }
        let orders = read(&text);
        if orders.is_none() {
            tracing::error!(text, "these orders cannot be read");
        }
        self.text = text;
        orders
    }
}

fn read(text: &str) -> Option<Orders> {
    let mut orders = Orders::default();
    for line in text.lines() {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "bug" => {
                orders.bugs.insert(Bug::from_str(rest).ok()?);
            }
            "clock" => orders.clock = rest.parse().ok()?,
            "noise" => orders.noise = Some(noise(rest)?),
            "at" => orders.armed = Some(armed(rest)?),
            _ => return None,
        }
    }
    Some(orders)
}

fn noise(text: &str) -> Option<Noise> {
    let mut numbers = text.split(' ');
    Some(Noise {
        seed: numbers.next()?.parse().ok()?,
        late: numbers.next()?.parse().ok()?,
        by: Duration::from_millis(numbers.next()?.parse().ok()?),
        failing: numbers.next()?.parse().ok()?,
    })
}

fn armed(text: &str) -> Option<Armed> {
    let mut parts = text.splitn(3, ' ');
    let fault = match parts.next()? {
        "fail_before" => Fault::FailBefore,
        "fail_after" => Fault::FailAfter,
        "garble" => Fault::Garble,
        "silence" => Fault::Silence,
        "kill_before" => Fault::KillBefore,
        "kill_after" => Fault::KillAfter,
        "panic" => Fault::Panic,
        _ => return None,
    };
    Some(Armed {
        fault,
        spared: parts.next()?.parse().ok()?,
        point: parts.next().unwrap_or_default().to_owned(),
    })
}
