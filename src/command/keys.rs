//! `accountd keys`: make, list, rotate and retire the keys of the key directory.

mod retire;
mod table;
mod uses;

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use clap::{Subcommand, ValueEnum};

use super::serve::open;
use crate::{
    backend::{Clock, Random, Timestamp},
    config::Settings,
    keys::{self, Id, KeysError, Kind, Rotation},
};

pub use uses::Uses;

const NOTHING_MISSING: &str = "No key was missing. To replace keys, run `accountd keys rotate`.";

/// The subcommands of `accountd keys`.
#[derive(Clone, Debug, Subcommand)]
pub enum Keys {
    /// Make the keys that the directory lacks: a signing key, a root secret.
    Generate,
    /// List all keys with their age and state.
    List {
        /// Count in the database what lives by each secret key.
        #[arg(long)]
        uses: bool,
    },
    /// Add a new key of each kind, or of one, and remove the signing keys that are out of use for long enough.
    Rotate {
        /// The kind to rotate; both when not given.
        kind: Option<What>,
    },
    /// Remove a key that nothing lives by any more.
    Retire {
        /// The key, as `list` names it.
        id: String,
        /// Remove it whatever lives by it: a key that was stolen.
        #[arg(long)]
        force: bool,
    },
}

/// A kind of keys, as the command line has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// What signs access tokens.
    Signing,
    /// What codes, refresh tokens, sealed replies and the pepper of passwords are derived from.
    Secret,
}

/// The key directory, and how and when something is done to it.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where the keys are.
    pub directory: PathBuf,
    /// How keys follow each other.
    pub rotation: Rotation,
    /// When it is.
    pub now: Timestamp,
}

/// Why one of the subcommands did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The directory, or what was wanted of it.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A key that something lives by, or an id that is none.
    #[error("{0}")]
    Refused(String),
}

/// Runs one of the subcommands and prints what it did, then the keys there are.
///
/// Fails when the directory is refused, when the database is asked and does not answer, or when the text cannot be
/// written.
pub fn run(command: &Keys, settings: &Settings) -> anyhow::Result<()> {
    let place = Place {
        directory: settings.keys_directory(),
        rotation: open::rotation(settings),
        now: Clock::System.now(),
    };
    let uses = needs_uses(command, &place)?
        .then(|| count(settings, &place))
        .transpose()?;
    let told = tell(command, &place, uses.as_ref(), &Random::System)?;
    io::stdout().write_all(told.as_bytes())?;
    Ok(())
}

/// What [`run`] prints, where `uses` are those of the keys in the database.
pub fn tell(
    command: &Keys,
    place: &Place,
    uses: Option<&Uses>,
    random: &Random,
) -> Result<String, CommandError> {
    let Place {
        directory,
        rotation,
        now,
    } = place;
    let mut told = Vec::new();
    match command {
        Keys::List { .. } => {}
        Keys::Generate => {
            let added = keys::generate_missing(directory, rotation.algorithm, *now, random)?;
            if added.is_empty() {
                told.push(NOTHING_MISSING.to_owned());
            }
            told.extend(additions(&added));
        }
        Keys::Rotate { kind } => {
            let rotated = keys::rotate(directory, kinds(*kind), rotation, *now, random)?;
            told.extend(additions(&rotated.added));
            let removed = rotated.removed.iter();
            told.extend(removed.map(|id| format!("removed signing key {id}")));
        }
        Keys::Retire { id, force } => {
            let kind = retire::retire(place, id, *force, uses)?;
            told.push(format!("removed {kind} key {id}"));
        }
    }
    if !told.is_empty() {
        told.push(String::new());
    }
    let listed = keys::list(directory, rotation.activation_delay, *now)?;
    let shown = uses.filter(|_| matches!(command, Keys::List { .. }));
    told.extend(table::table(&listed, shown));
    Ok(told.join("\n") + "\n")
}

/// Whether the database is to be asked: only where that tells something, so that keys can be handled without one.
fn needs_uses(command: &Keys, place: &Place) -> Result<bool, KeysError> {
    Ok(match command {
        Keys::List { uses } => *uses,
        Keys::Retire { id, force: false } => {
            let delay = place.rotation.activation_delay;
            let listed = keys::list(&place.directory, delay, place.now)?;
            let is_named = |key: &keys::Listed| key.id.as_str() == id;
            listed
                .iter()
                .any(|key| is_named(key) && key.kind == Kind::Secret)
        }
        _ => false,
    })
}

fn count(settings: &Settings, place: &Place) -> anyhow::Result<Uses> {
    let delay = place.rotation.activation_delay;
    let listed = keys::list(&place.directory, delay, place.now)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // It counts over all accounts.
        let db = open::database_for_steps(settings).await?;
        Ok(Uses::count(&db, &listed).await?)
    })
}

fn kinds(what: Option<What>) -> &'static [Kind] {
    match what {
        None => &[Kind::Secret, Kind::Signing],
        Some(What::Signing) => &[Kind::Signing],
        Some(What::Secret) => &[Kind::Secret],
    }
}

fn additions(added: &[(Kind, Id)]) -> impl Iterator<Item = String> {
    added
        .iter()
        .map(|(kind, id)| format!("added {kind} key {id}"))
}
