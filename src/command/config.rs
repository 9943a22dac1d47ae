//! `accountd config`: print the settings there are, and check those that are set.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;

use crate::config::{self, Faults, Settings};

/// The subcommands of `accountd config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print a configuration file with every setting, its meaning and its default.
    Init {
        /// Write to this file, which must not exist yet, instead of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Tell every fault and every weak point of the configuration, and exit with 1 if there is a fault.
    Check,
}

/// Runs one of the subcommands on the configuration file at `path` and the variables of this process.
///
/// Fails only when its text cannot be written; a faulty configuration is told on standard error and in the exit code.
pub fn run(command: &Config, path: Option<&Path>) -> io::Result<ExitCode> {
    match command {
        Config::Init { output: Some(file) } => {
            File::create_new(file)?.write_all(Settings::template().as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Config::Init { output: None } => {
            io::stdout().write_all(Settings::template().as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Config::Check => match check(path, config::environment()) {
            Ok(report) => {
                writeln!(io::stdout(), "{report}")?;
                Ok(ExitCode::SUCCESS)
            }
            Err(faults) => {
                writeln!(io::stderr(), "{faults}")?;
                Ok(ExitCode::FAILURE)
            }
        },
    }
}

/// What is to be told of a configuration without faults: that it has none, and its weak points.
pub fn check(
    path: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<String, Faults> {
    let warnings = Settings::load(path, environment)?.warnings();
    let head = match warnings.len() {
        0 => "the configuration has no faults".into(),
        1 => "the configuration has no faults and 1 warning:".into(),
        count => format!("the configuration has no faults and {count} warnings:"),
    };
    let lines = warnings.iter().map(ToString::to_string);
    Ok(std::iter::once(head)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n  "))
}
