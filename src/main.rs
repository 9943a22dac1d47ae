//! accountd: parse the arguments, run one command.

use std::{path::PathBuf, process::ExitCode};

use accountd::{
    command::{
        self, admin::Admin, config::Config, doctor::Doctor, health::Health, keys::Keys,
        migrate::Migrate,
    },
    config::{Origin, Settings, environment},
};
use clap::{Parser, Subcommand};

/// A gRPC identity service: accounts, one-time codes, sessions.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file; without one, everything has its default and lives in `./data`.
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the contract (the default).
    Serve,
    /// Bring the schema of the database forward or back, or tell where it stands.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Print or check the configuration.
    #[command(subcommand)]
    Config(Config),
    /// Make, list, rotate or retire the keys that sign tokens and derive codes.
    #[command(subcommand)]
    Keys(Keys),
    /// Check all that accountd needs, and say what to do; exit 1 if anything failed.
    Doctor(Doctor),
    /// Ask a running accountd whether it serves; exit 0 if it does.
    Health(Health),
    /// Look after the accounts of a running accountd, and after its operators.
    Admin(Admin),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("accountd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // The first use of TLS or of a token would choose a provider by itself, and fail if it had a choice.
    accountd::install_crypto();
    let path = arguments.config.as_deref();
    let load = || Settings::load(path, environment()).map_err(|faults| anyhow::anyhow!("{faults}"));
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => command::serve::run(Origin::new(path, environment())),
        Command::Migrate(migrate) => command::migrate::run(&migrate, &load()?),
        Command::Config(config) => Ok(command::config::run(&config, path)?),
        Command::Keys(keys) => {
            command::keys::run(&keys, &load()?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Doctor(doctor) => command::doctor::run(doctor, path),
        Command::Health(health) => command::health::run(&health, path),
        Command::Admin(admin) => command::admin::run(admin, path),
    }
}
