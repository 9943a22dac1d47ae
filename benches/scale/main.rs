//! What a call costs as the data grow: PostgreSQL with ten thousand accounts, with a hundred thousand and with a million.
//!
//! `cargo bench --bench scale` fills a database of each size, starts the release server on each, drives them in turn with
//! people drawn from all of them alike, prints a table and draws two plots. `docs/performance.md` explains it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot be made has to end"
)]

mod acts;
mod costs;
mod plot;
mod processors;
#[expect(dead_code, reason = "the bench of limits needs more of it")]
#[path = "../support/support.rs"]
mod support;
mod town;

use std::{fs, path::Path};

use clap::Parser;

use acts::Act;
use costs::Costs;
use support::{arguments::Arguments, engines::Engines, server};
use town::Town;

/// People in the databases.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

#[derive(Debug, Parser)]
struct Options {
    /// The largest database that is filled.
    #[arg(long, default_value_t = SIZES[2])]
    largest: u64,
    #[command(flatten)]
    arguments: Arguments,
}

fn main() {
    let options = Options::parse();
    accountd::install_crypto();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(&options));
}

async fn measure(Options { largest, arguments }: &Options) {
    let binary = arguments.binary.clone().unwrap_or_else(server::build);
    let engines = Engines::start().await;
    let mut towns = Vec::new();
    for size in SIZES.into_iter().filter(|size| size <= largest) {
        towns.push(Town::found(&binary, &engines, size).await);
        println!("{size} people are there");
    }
    println!("\n{}", costs::heading(&towns));
    let mut all = Vec::new();
    for act in Act::ALL {
        if arguments.want(act.name()) {
            let costs = Costs::measure(arguments, act, &towns).await;
            println!("{}", costs.line());
            all.push(costs);
        }
    }
    draw(&all);
}

/// Draws both plots into the directory `bench` of the build.
fn draw(all: &[Costs]) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let directory = target.join("bench");
    fs::create_dir_all(&directory).unwrap();
    let plots = [
        (
            "scale-cost.svg",
            "Processor time of a call",
            all.iter().map(Costs::processor_line).collect::<Vec<_>>(),
        ),
        (
            "scale-time.svg",
            "Time of a call",
            all.iter().map(Costs::time_line).collect(),
        ),
    ];
    for (name, title, lines) in plots {
        let file = directory.join(name);
        fs::write(&file, plot::svg(title, &lines)).unwrap();
        println!("{}", file.display());
    }
}
