//! `accountd keys`: make, list and rotate the keys of the key directory.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::Path,
};

use clap::Subcommand;

use crate::{
    backend::{Random, Timestamp},
    keys::{self, Id, KeysError, Kind, Listed, Rotation},
};

/// The subcommands of `accountd keys`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Keys {
    /// Make the keys that the directory lacks: a signing key, a root secret.
    Generate,
    /// List all keys with their age and state.
    List,
    /// Add a new key of each kind, and remove the signing keys that are out of use for long enough.
    Rotate,
}

/// Runs one of the subcommands and prints what it did, then the keys there are.
///
/// Fails when the directory is refused, or the text cannot be written.
pub fn run(
    command: Keys,
    directory: &Path,
    rotation: &Rotation,
    now: Timestamp,
    random: &Random,
) -> anyhow::Result<()> {
    let told = tell(command, directory, rotation, now, random)?;
    io::stdout().write_all(told.as_bytes())?;
    Ok(())
}

/// What [`run`] prints.
pub fn tell(
    command: Keys,
    directory: &Path,
    rotation: &Rotation,
    now: Timestamp,
    random: &Random,
) -> Result<String, KeysError> {
    let mut told = String::new();
    match command {
        Keys::List => {}
        Keys::Generate => {
            let added = keys::generate_missing(directory, rotation.algorithm, now, random)?;
            if added.is_empty() {
                told.push_str("No key was missing. To replace keys, run `accountd keys rotate`.\n");
            }
            told.push_str(&additions(&added));
        }
        Keys::Rotate => {
            let rotated = keys::rotate(directory, rotation, now, random)?;
            told.push_str(&additions(&rotated.added));
            for id in &rotated.removed {
                line(&mut told, format_args!("removed signing key {id}"));
            }
        }
    }
    if !told.is_empty() {
        told.push('\n');
    }
    told.push_str(&table(&keys::list(
        directory,
        rotation.activation_delay,
        now,
    )?));
    Ok(told)
}

fn additions(added: &[(Kind, Id)]) -> String {
    let mut told = String::new();
    for (kind, id) in added {
        line(&mut told, format_args!("added {kind} key {id}"));
    }
    told
}

fn table(keys: &[Listed]) -> String {
    let mut table = String::new();
    let head = ["ID", "KIND", "ALGORITHM", "STATE", "AGE"];
    row(&mut table, head.map(str::to_owned));
    for key in keys {
        let algorithm = key.algorithm.map_or("-", keys::Algorithm::name);
        row(
            &mut table,
            [
                key.id.to_string(),
                key.kind.to_string(),
                algorithm.to_owned(),
                key.state.to_string(),
                humantime::format_duration(key.age).to_string(),
            ],
        );
    }
    table
}

fn row(table: &mut String, [id, kind, algorithm, state, age]: [String; 5]) {
    line(
        table,
        format_args!("{id:21}  {kind:7}  {algorithm:9}  {state:9}  {age}"),
    );
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = writeln!(text, "{words}");
}
