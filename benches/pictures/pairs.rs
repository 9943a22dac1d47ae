//! Rounds of calls, of accountd and of the limit in turn.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::task::JoinSet;

use crate::{people::Person, process::Process, transfers};

/// Rounds of each server that count; one before them warms it up.
const PAIRS: usize = 7;
/// Time of one round; what has begun then is finished, and counts.
const ROUND: Duration = Duration::from_millis(1500);

/// The head of the table.
pub(crate) const HEADING: &str = "\
| figure | accountd | limit | ratio, median (min to max) | CPU per call, accountd | limit |
|---|---|---|---|---|---|";

/// A line of the table.
pub(crate) struct Figure {
    pub(crate) name: String,
    /// Bytes of one call.
    pub(crate) bytes: usize,
    /// Calls at a time.
    pub(crate) at_once: usize,
}

/// What is done to a server, over and over.
#[derive(Clone)]
pub(crate) enum Task {
    Download,
    Upload(Bytes),
}

/// A server, and who drives it with what.
pub(crate) struct Driven<'a> {
    pub(crate) server: &'a Process,
    pub(crate) people: &'a [Person],
    pub(crate) task: Task,
}

/// What one or more rounds came to.
struct Round {
    calls: u32,
    seconds: f64,
    cpu_seconds: f64,
}

impl Figure {
    /// Measures both in turn, and prints the line.
    pub(crate) async fn measure(&self, ours: Driven<'_>, limit: Driven<'_>) {
        self.round(&ours).await;
        self.round(&limit).await;
        let (mut our_rounds, mut limits, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..PAIRS {
            let our_round = self.round(&ours).await;
            let of_limit = self.round(&limit).await;
            ratios.push(our_round.rate() / of_limit.rate());
            our_rounds.push(our_round);
            limits.push(of_limit);
        }
        ratios.sort_by(f64::total_cmp);
        println!(
            "| {} | {} | {} | {:.2} ({:.2} to {:.2}) | {:.2} ms | {:.2} ms |",
            self.name,
            self.rate(&our_rounds),
            self.rate(&limits),
            median(&ratios),
            ratios[0],
            ratios[PAIRS - 1],
            cpu(&our_rounds),
            cpu(&limits),
        );
    }

    async fn round(&self, driven: &Driven<'_>) -> Round {
        let cpu_before = driven.server.cpu_seconds();
        let began = Instant::now();
        let mut lanes = JoinSet::new();
        for lane in 0..self.at_once {
            let person = driven.people[lane % driven.people.len()].clone();
            lanes.spawn(lane_of(
                person,
                driven.task.clone(),
                self.bytes,
                began + ROUND,
            ));
        }
        let calls = lanes.join_all().await.into_iter().sum();
        Round {
            calls,
            seconds: began.elapsed().as_secs_f64(),
            cpu_seconds: driven.server.cpu_seconds() - cpu_before,
        }
    }

    fn rate(&self, rounds: &[Round]) -> String {
        let mut rates: Vec<f64> = rounds.iter().map(Round::rate).collect();
        rates.sort_by(f64::total_cmp);
        let calls = median(&rates);
        let mebibytes = calls * self.bytes as f64 / 1_048_576.0;
        format!("{mebibytes:.0} MiB/s, {calls:.0} calls/s")
    }
}

async fn lane_of(person: Person, task: Task, bytes: usize, end: Instant) -> u32 {
    let mut calls = 0;
    while Instant::now() < end {
        match &task {
            Task::Download => assert_eq!(transfers::count(&person).await, bytes),
            Task::Upload(file) => transfers::upload(&person, file).await,
        }
        calls += 1;
    }
    calls
}

impl Round {
    fn rate(&self) -> f64 {
        f64::from(self.calls) / self.seconds
    }
}

fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

/// Milliseconds of processors for one call.
fn cpu(rounds: &[Round]) -> f64 {
    let seconds: f64 = rounds.iter().map(|round| round.cpu_seconds).sum();
    let calls: u32 = rounds.iter().map(|round| round.calls).sum();
    seconds * 1000.0 / f64::from(calls)
}
