//! Ten times the logins that can be hashed, whether they are answered or not.

use std::time::{Duration, Instant};

use accountd::config::Settings;
use tokio::task::JoinSet;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::{
    Bench, login,
    support::{
        people::{self, Person},
        rounds::Works as _,
        server::Accountd,
        statistics::Spread,
        table::{Aim, Row, count, time},
    },
};

const PEOPLE: usize = 64;
const CONNECTIONS: usize = 16;
/// Calls at a time that find the peak: more than there are threads that hash.
const LANES: usize = 8;
/// Logins are told apart from those of a guesser by no limit: capacity alone is looked at.
const UNLIMITED: [(&str, &str); 2] = [
    ("ACCOUNTD_LIMITS__LOGIN_BURST", "0"),
    ("ACCOUNTD_LIMITS__ACCOUNT_BURST", "0"),
];
/// How much more is offered than fits.
const TIMES: f64 = 10.0;
/// What memory may grow by beside that of the hashes, in MiB.
const ALLOWANCE: f64 = 64.0;
/// The longest that a refusal may take.
const SOON: Duration = Duration::from_millis(50);
const PAUSE: Duration = Duration::from_millis(1);

/// What became of the logins that were offered.
#[derive(Default)]
struct Outcome {
    /// Successes a second, in the time of the offer.
    goodput: f64,
    /// How long each refusal took, in seconds.
    refusals: Vec<f64>,
    /// Refusals that do not say when to come again.
    mute: u32,
}

/// Goodput against the peak, how refusals are told, and the peak of memory.
pub(crate) async fn measure(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &UNLIMITED);
    let idle = server.process.memory("VmRSS");
    let people = people::sign_up(&server, PEOPLE).await;
    let people = people::over(&people, &server.process.channels(CONNECTIONS).await);
    let closed = login::load(&server.process, &people, LANES).await;
    let time = bench.arguments.seconds.max(Duration::from_secs(2));
    let (mut peaks, mut outcomes) = (Vec::new(), Vec::new());
    for number in 0..=bench.arguments.pairs {
        let peak = closed.round(time).await.rate();
        let outcome = offer(&people, TIMES * peak, time).await;
        if number > 0 {
            peaks.push(peak);
            outcomes.push(outcome);
        }
    }
    print_goodput(&peaks, &outcomes);
    print_refusals(&outcomes);
    print_memory(idle, server.process.memory("VmHWM"));
}

/// Logs in at that rate for so long, and waits for all answers.
async fn offer(people: &[Person], rate: f64, time: Duration) -> Outcome {
    let began = Instant::now();
    let mut calls = JoinSet::new();
    let mut turns = people.iter().cycle();
    while began.elapsed() < time {
        while f64::from(u32::try_from(calls.len()).unwrap()) < began.elapsed().as_secs_f64() * rate
        {
            let Person {
                mut rpc, username, ..
            } = turns.next().unwrap().clone();
            calls.spawn(async move {
                let since = Instant::now();
                let answer = rpc.login(people::login(&username)).await;
                (answer.map(drop), since.elapsed(), Instant::now())
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
    let end = Instant::now();
    let mut outcome = Outcome::default();
    let mut successes = 0_u32;
    for (answer, took, answered) in calls.join_all().await {
        match answer {
            Ok(()) => successes += u32::from(answered <= end),
            Err(refusal) if refusal.code() == Code::ResourceExhausted => {
                outcome.refusals.push(took.as_secs_f64());
                outcome.mute += u32::from(refusal.get_details_retry_info().is_none());
            }
            Err(fault) => panic!("neither taken nor refused: {fault}"),
        }
    }
    outcome.goodput = f64::from(successes) / (end - began).as_secs_f64();
    outcome
}

fn print_goodput(peaks: &[f64], outcomes: &[Outcome]) {
    let goodputs = outcomes.iter().map(|outcome| outcome.goodput);
    let ratio = Spread::of(goodputs.clone().zip(peaks).map(|(ours, peak)| ours / peak));
    let row = Row {
        figure: format!("Overload, {TIMES} times the hash capacity: logins, against the peak"),
        ours: format!("{} logins/s", count(Spread::of(goodputs).median())),
        limit: format!(
            "{} logins/s",
            count(Spread::of(peaks.iter().copied()).median())
        ),
        ratio: Some(ratio),
        cpu: None,
        aim: Some(Aim::AtLeast(0.90)),
    };
    row.print();
}

fn print_refusals(outcomes: &[Outcome]) {
    let refusals: Vec<f64> = outcomes
        .iter()
        .flat_map(|outcome| outcome.refusals.clone())
        .collect();
    let mute: u32 = outcomes.iter().map(|outcome| outcome.mute).sum();
    let refused = refusals.len();
    let times = Spread::of(refusals);
    let row = Row {
        figure: String::from("the same, refusals"),
        ours: format!(
            "p99 {}, median {}, of {refused}; {mute} without RetryInfo",
            time(times.p99()),
            time(times.median())
        ),
        limit: String::new(),
        ratio: None,
        cpu: None,
        aim: Some(Aim::Stated(
            format!("p99 ≤ {SOON:?}, all with RetryInfo"),
            times.p99() <= SOON.as_secs_f64() && mute == 0,
        )),
    };
    row.print();
}

fn print_memory(idle: f64, peak: f64) {
    let pool = std::thread::available_parallelism().unwrap().get();
    let pool = f64::from(u32::try_from(pool).unwrap());
    let hash = f64::from(Settings::embedded().passwords.memory_kib) / 1024.0;
    let most = idle + pool * hash + ALLOWANCE;
    let row = Row {
        figure: String::from("the same, peak of memory"),
        ours: format!("{peak:.1} MiB"),
        limit: format!("{idle:.1} idle + {pool} × {hash:.0} + {ALLOWANCE} MiB"),
        ratio: None,
        cpu: None,
        aim: Some(Aim::Stated(format!("≤ {most:.1} MiB"), peak <= most)),
    };
    row.print();
}
