//! `accountd admin operator`: the file of operators on this machine. No server is asked.

mod add;
mod list;
mod remove;

use std::{path::Path, process::ExitCode};

use clap::Subcommand;

use super::output::Output;
use crate::config::{self, Settings};
use add::Add;
use remove::Remove;

/// The subcommands of `accountd admin operator`.
#[derive(Debug, Subcommand)]
pub(super) enum Operator {
    /// Add an operator, and tell its token, this once.
    Add(Add),
    /// List the operators, with their scopes.
    List,
    /// Remove an operator. Its next call is refused.
    Remove(Remove),
}

/// Runs one of the subcommands on the file that the configuration names.
pub(super) fn run(
    command: Operator,
    output: Output,
    path: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(path, config::environment());
    let settings = settings.map_err(|faults| anyhow::anyhow!("{faults}"))?;
    match command {
        Operator::Add(add) => add.run(&settings, output)?,
        Operator::List => list::run(&settings, output)?,
        Operator::Remove(remove) => remove.run(&settings, output)?,
    }
    Ok(ExitCode::SUCCESS)
}
