//! `accountd doctor`: is all that accountd needs there and in order, and if not, what is to be done?
//!
//! One file for each check. All of them look and none mends: what they leave behind is nothing, and what they write for
//! a moment is a file without a name and one object under a name of its own. So it can run beside a service, on the same data.

mod clock;
mod configuration;
mod directory;
mod files;
mod hashing;
mod keys;
mod kv;
mod mail;
mod memory;
mod pictures;
mod postgres;
mod redact;
mod report;
mod schema;
mod sql;
mod sqlite;

use std::{
    future::Future,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Args;

use crate::{
    backend::{Clock, Random},
    config::{self, Faults, Settings},
    faults,
};
use redact::Redact;
use report::{Diagnosis, Report};

/// The names of the checks, in the order in which they are told.
const NAMES: [&str; 10] = [
    configuration::NAME,
    sql::NAME,
    schema::NAME,
    kv::NAME,
    clock::NAME,
    mail::NAME,
    pictures::NAME,
    keys::NAME,
    hashing::NAME,
    files::NAME,
];

/// The arguments of `accountd doctor`.
#[derive(Clone, Copy, Debug, Args)]
pub struct Doctor {
    /// Print one JSON document instead of lines.
    #[arg(long)]
    json: bool,
    /// The longest that one check may take.
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = super::time_limit)]
    timeout: Duration,
}

/// Runs every check on what the configuration file at `path` and the variables of this process name, and prints what was
/// found: exit 1 if anything failed.
///
/// Fails only when its text cannot be written.
pub fn run(options: Doctor, path: Option<&Path>) -> anyhow::Result<ExitCode> {
    let loaded = Settings::load(path, config::environment());
    // Until the configuration is known, there is no secret that could be told.
    let redact = loaded.as_ref().map(Redact::new).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let reports = runtime.block_on(examine(loaded, options.timeout));
    // A check that was given up may hang in a thread of its own.
    runtime.shutdown_background();
    let diagnosis = Diagnosis::new(reports, &redact);
    let text = if options.json {
        diagnosis.to_json()?
    } else {
        diagnosis.to_string()
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(if diagnosis.has_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What the checks work on.
struct Patient {
    settings: Settings,
    clock: Clock,
    random: Random,
    /// The longest that one check may take.
    limit: Duration,
}

/// Everything at once but for what rests on something else: the schema on SQL, the clock on SQL and Redis.
async fn examine(loaded: Result<Settings, Faults>, limit: Duration) -> Vec<Report> {
    let configuration = configuration::check(&loaded);
    let Ok(settings) = loaded else {
        let others = NAMES.into_iter().skip(1);
        let skipped = others.map(|name| Report::skipped(name, "the configuration has faults"));
        return std::iter::once(configuration).chain(skipped).collect();
    };
    let patient = Patient {
        settings,
        clock: Clock::of_process(&faults::Faults::from_environment()),
        random: Random::System,
        limit,
    };
    let ((sql, schema, sql_clock), (kv, kv_clocks), mail, pictures, keys, hashing) = tokio::join!(
        Box::pin(look_at_sql(&patient)),
        Box::pin(look_at_kv(&patient)),
        within(limit, mail::NAME, mail::check(&patient)),
        within(limit, pictures::NAME, pictures::check(&patient)),
        within(limit, keys::NAME, keys::check(&patient)),
        within(limit, hashing::NAME, hashing::check(&patient)),
    );
    let clocks = sql_clock.into_iter().chain(kv_clocks).collect();
    vec![
        configuration,
        sql,
        schema,
        kv,
        clock::judge(clocks),
        mail,
        pictures,
        keys,
        hashing,
        files::check(&patient.settings),
    ]
}

async fn look_at_sql(patient: &Patient) -> (Report, Report, Option<clock::Compared>) {
    let mut compared = None;
    let check = sql::check(patient, &mut compared);
    let sql = within(patient.limit, sql::NAME, check).await;
    let schema = if sql.has_failed() {
        Report::skipped(schema::NAME, "SQL cannot be used")
    } else {
        within(patient.limit, schema::NAME, schema::check(patient)).await
    };
    (sql, schema, compared)
}

async fn look_at_kv(patient: &Patient) -> (Report, Vec<clock::Compared>) {
    let mut compared = Vec::new();
    let check = kv::check(patient, &mut compared);
    let kv = within(patient.limit, kv::NAME, check).await;
    (kv, compared)
}

/// What a check finds, or that it took too long.
async fn within(
    limit: Duration,
    name: &'static str,
    check: impl Future<Output = Report>,
) -> Report {
    let late = || {
        Report::new(name).fail(
            format!("no answer within {}", humantime::format_duration(limit)),
            "see whether what the configuration names can be reached from this machine, or raise --timeout",
        )
    };
    tokio::time::timeout(limit, Box::pin(check))
        .await
        .unwrap_or_else(|_| late())
}

/// The directory that holds a path.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
