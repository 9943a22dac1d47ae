//! How close accountd comes to what the machine can do for the same work.
//!
//! `cargo bench --bench limits` starts the release server and bare references, each as a process of its own, drives both
//! in turn with the same calls over real sockets, and prints a table. `docs/performance.md` explains it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot be made has to end"
)]

mod beside_logins;
mod details;
mod get_current;
mod hasher;
mod login;
mod memory;
mod overload;
mod photo;
mod pictures;
mod reference;
mod refresh;
mod register;
mod start;
#[path = "../support/support.rs"]
mod support;
mod transfers;

use std::{future::Future, path::PathBuf, pin::Pin};

use clap::Parser as _;

use support::{arguments::Arguments, server, table};

/// What a figure is measured with.
struct Bench {
    arguments: Arguments,
    /// The accountd that is measured.
    binary: PathBuf,
}

/// Measures something, and prints its lines.
type Measure = for<'a> fn(&'a Bench) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What can be measured, by the names that the table has too.
const FIGURES: &[(&str, Measure)] = &[
    ("Login, embedded default", |bench| {
        Box::pin(login::embedded(bench))
    }),
    ("Login, PostgreSQL + Redis", |bench| {
        Box::pin(login::production(bench))
    }),
    ("GetCurrent, embedded default", |bench| {
        Box::pin(get_current::embedded(bench))
    }),
    ("GetCurrent, PostgreSQL + Redis", |bench| {
        Box::pin(get_current::production(bench))
    }),
    ("Refresh, PostgreSQL + Redis", |bench| {
        Box::pin(refresh::production(bench))
    }),
    ("Register, embedded default", |bench| {
        Box::pin(register::embedded(bench))
    }),
    ("Register, PostgreSQL + Redis", |bench| {
        Box::pin(register::production(bench))
    }),
    ("Upload of pictures", |bench| {
        Box::pin(pictures::uploads(bench))
    }),
    ("Download of pictures", |bench| {
        Box::pin(pictures::downloads(bench))
    }),
    ("REST details through the gateway", |bench| {
        Box::pin(details::measure(bench))
    }),
    ("GetCurrent while logins saturate the hash pool", |bench| {
        Box::pin(beside_logins::measure(bench))
    }),
    ("Overload", |bench| Box::pin(overload::measure(bench))),
    ("Idle memory", |bench| Box::pin(memory::idle(bench))),
    ("Peak memory of uploads", |bench| {
        Box::pin(memory::uploads(bench))
    }),
    ("Peak memory of downloads", |bench| {
        Box::pin(memory::downloads(bench))
    }),
    ("Exec to SERVING", |bench| Box::pin(start::measure(bench))),
];

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some(reference::COMMAND) {
        runtime.block_on(reference::serve(reference::Work::parse_from(words)));
        return;
    }
    let arguments = Arguments::parse();
    accountd::install_crypto();
    let binary = arguments.binary.clone().unwrap_or_else(server::build);
    let bench = Bench { arguments, binary };
    runtime.block_on(measure(&bench));
}

async fn measure(bench: &Bench) {
    println!(
        "{}, {} pairs of rounds of {:?}, {} cores\n",
        bench.binary.display(),
        bench.arguments.pairs,
        bench.arguments.seconds,
        std::thread::available_parallelism().unwrap(),
    );
    table::print_heading();
    for (name, measure) in FIGURES {
        if bench.arguments.want(name) {
            measure(bench).await;
        }
    }
}
