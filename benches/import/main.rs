//! What it costs to bring accounts in: rows with bcrypt hashes through `ImportAccounts`, against the same rows inserted bare.
//!
//! `cargo bench --bench import` starts the release server on PostgreSQL and Redis, and in turn streams a part of the accounts
//! through it and inserts as many into a database of the same schema, by statements of as many rows, through one connection. It
//! prints both rates with their ratio and the server's memory after each part; then one of the imported logs in, and its hash is
//! argon2id. `docs/performance.md` has the figures.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot be made has to end"
)]

mod bare;
mod client;
#[expect(dead_code, reason = "the bench of limits needs more of it")]
#[path = "../support/support.rs"]
mod support;

use clap::Parser;

use client::Client;
use support::{engines, server, server::Production, statistics::Spread};

/// The password of all of them, and its hash: `bcrypt.hashpw(b"…", bcrypt.gensalt(10))` of Python's bcrypt.
pub(crate) const PASSWORD: &str = "a long day at sea";
const HASH: &str = "$2b$10$5tYiGEGVww4jrg3K/tHDiuunmJUusKPiL8JGQqrJHB0aYZsve5Zxa";

#[derive(Debug, Parser)]
struct Options {
    /// Accounts that are brought in.
    #[arg(long, default_value_t = 100_000)]
    accounts: usize,
    /// Parts that they are brought in by, each beside as many bare rows.
    #[arg(long, default_value_t = 5)]
    parts: usize,
    /// The accountd to measure, in place of the one that is built from these sources.
    #[arg(long)]
    binary: Option<std::path::PathBuf>,
    /// What cargo says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    accountd::install_crypto();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(&options));
}

async fn measure(options: &Options) {
    let binary = options.binary.clone().unwrap_or_else(server::build);
    let mut production =
        Production::start_with(&binary, &[("ACCOUNTD_ADMIN__LISTEN", "127.0.0.1:0")]).await;
    let mut client = Client::of(&mut production.server).await;
    let database = production.engines.database("bare").await;
    bare::schema(&binary, &database);
    let bare = engines::connect(&database).await;
    let size = options.accounts / options.parts;
    println!(
        "| accounts | imported a second | inserted bare a second | ratio | server's CPU per row | memory after |"
    );
    println!("|---|---|---|---|---|---|");
    let mut ratios = Vec::new();
    production.server.process.forget_peak();
    for part in 0..options.parts {
        let numbers = part * size..(part + 1) * size;
        let before = production.server.process.cpu_seconds();
        let ours = client.import(numbers.clone(), HASH).await;
        let busy = production.server.process.cpu_seconds() - before;
        let theirs = bare::insert(&bare, numbers.clone(), HASH).await;
        let rate = |time: std::time::Duration| count(size) / time.as_secs_f64();
        ratios.push(rate(ours) / rate(theirs));
        println!(
            "| {} | {:.0} | {:.0} | {:.2} | {:.0} µs | {:.1} MiB |",
            numbers.end,
            rate(ours),
            rate(theirs),
            ratios[part],
            busy / count(size) * 1e6,
            production.server.process.memory("VmRSS"),
        );
    }
    let ratios = Spread::of(ratios);
    println!(
        "\nratio to bare inserts: {:.2} ({:.2} to {:.2}); peak of memory: {:.1} MiB",
        ratios.median(),
        ratios.least(),
        ratios.most(),
        production.server.process.memory("VmHWM")
    );
    let (before, after) = client
        .log_in(&production.server, 4711 % options.accounts)
        .await;
    println!("one of them has logged in: its hash was {before} and is {after}");
    assert_eq!((before.as_str(), after.as_str()), ("bcrypt", "argon2id"));
}

/// A number of rows, to divide by.
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
pub(crate) const fn count(rows: usize) -> f64 {
    rows as f64
}
