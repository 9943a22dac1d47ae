//! What an operator does with the key directory: make keys, list them, rotate them.

use std::{path::Path, time::Duration};

use super::{Algorithm, Id, KeysError, Kind, State, files, ring::Dated, secret, set::Set, signing};
use crate::backend::{Random, Timestamp};

/// How keys follow each other.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// What new signing keys are made for.
    pub algorithm: Algorithm,
    /// Age at which a new key takes over; longer than every node needs to read it.
    pub activation_delay: Duration,
    /// Time that a signing key verifies after its successor took over; longer than any access token lives.
    pub keep: Duration,
}

/// What the directory gained and lost by a rotation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// The new keys, one of each kind that was rotated.
    pub added: Vec<(Kind, Id)>,
    /// The signing keys whose time to verify was over.
    pub removed: Vec<Id>,
}

/// A key as [`list`] tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: Id,
    /// What it is for.
    pub kind: Kind,
    /// How it signs; `None` for root secrets.
    pub algorithm: Option<Algorithm>,
    /// Time since it was made.
    pub age: Duration,
    /// Whether it works already, or still.
    pub state: State,
}

/// Makes one key of each kind that the directory has none of, and tells which: the first start without an operator.
///
/// Never replaces a key, and does not judge the ones that are there.
pub fn generate_missing(
    directory: &Path,
    algorithm: Algorithm,
    now: Timestamp,
    random: &Random,
) -> Result<Vec<(Kind, Id)>, KeysError> {
    let is_missing = |kind| Ok::<_, KeysError>(files::read_all(directory, kind)?.is_empty());
    let mut added = Vec::new();
    if !is_missing(Kind::Secret)? && !is_missing(Kind::Signing)? {
        return Ok(added);
    }
    let _lock = files::lock(directory)?;
    for kind in [Kind::Secret, Kind::Signing] {
        if is_missing(kind)? {
            added.push((kind, add(directory, kind, algorithm, now, random)?));
        }
    }
    Ok(added)
}

/// All keys of the directory, signing keys first, oldest first.
///
/// Refused as a start of the server would be.
pub fn list(
    directory: &Path,
    activation_delay: Duration,
    now: Timestamp,
) -> Result<Vec<Listed>, KeysError> {
    let set = Set::load(directory)?;
    let listed = |id: &Id, kind, algorithm, state| Listed {
        id: id.clone(),
        kind,
        algorithm,
        age: now - id.created(),
        state,
    };
    let signing = set
        .signing
        .states(activation_delay, now)
        .map(|(key, state)| listed(key.id(), Kind::Signing, Some(key.algorithm()), state));
    let secrets = set
        .secrets
        .states(activation_delay, now)
        .map(|(secret, state)| listed(secret.id(), Kind::Secret, None, state));
    Ok(signing.chain(secrets).collect())
}

/// Adds a key of each of the kinds, then removes the signing keys that have been out of use for `keep`.
///
/// A new key is dated after the one it follows, whatever the clock says. Rotations at the same time take turns.
///
/// Root secrets stay: sessions, peppered passwords and pseudonyms live by theirs, for as long as the accounts do.
/// Refused, with nothing changed, when the directory would be refused at start.
pub fn rotate(
    directory: &Path,
    kinds: &[Kind],
    rotation: &Rotation,
    now: Timestamp,
    random: &Random,
) -> Result<Rotated, KeysError> {
    // Before the lock, which would make a directory that is missing.
    Set::load(directory)?;
    let _lock = files::lock(directory)?;
    let before = Set::load(directory)?;
    Ok(Rotated {
        added: kinds
            .iter()
            .map(|kind| {
                Ok((
                    *kind,
                    follow_up(directory, *kind, &before, rotation, now, random)?,
                ))
            })
            .collect::<Result<_, KeysError>>()?,
        removed: remove_retired(directory, &before, rotation, now)?,
    })
}

/// Removes one key, whatever was made with it.
///
/// Refused: an id that no key has, the key that is in use, and the only one of its kind.
pub fn retire(
    directory: &Path,
    id: &Id,
    activation_delay: Duration,
    now: Timestamp,
) -> Result<Kind, KeysError> {
    list(directory, activation_delay, now)?;
    let _lock = files::lock(directory)?;
    let listed = list(directory, activation_delay, now)?;
    let Some(key) = listed.iter().find(|key| key.id == *id) else {
        return Err(KeysError::Unknown { id: id.clone() });
    };
    if key.state == State::Current {
        return Err(KeysError::InUse { id: id.clone() });
    }
    files::remove(directory, key.kind, id)?;
    Ok(key.kind)
}

/// Adds the key that follows the newest of its kind.
pub(super) fn follow_up(
    directory: &Path,
    kind: Kind,
    before: &Set,
    rotation: &Rotation,
    now: Timestamp,
    random: &Random,
) -> Result<Id, KeysError> {
    let newest = before.newest(kind);
    // A key that sorts before the one it follows would never take over: two in one second, a clock that is behind.
    let at = now.max(newest.created() + Duration::from_secs(1));
    add(directory, kind, rotation.algorithm, at, random)
}

/// Removes the signing keys that have been out of use for `keep`.
pub(super) fn remove_retired(
    directory: &Path,
    before: &Set,
    rotation: &Rotation,
    now: Timestamp,
) -> Result<Vec<Id>, KeysError> {
    let retired = before
        .signing
        .retired(rotation.activation_delay, rotation.keep, now);
    retired
        .map(|key| {
            files::remove(directory, Kind::Signing, key.id())?;
            Ok(key.id().clone())
        })
        .collect()
}

fn add(
    directory: &Path,
    kind: Kind,
    algorithm: Algorithm,
    now: Timestamp,
    random: &Random,
) -> Result<Id, KeysError> {
    let text = match kind {
        Kind::Signing => signing::generate(algorithm, random).map_err(|_| KeysError::NotMade)?,
        Kind::Secret => secret::generate(random),
    };
    let id = Id::new(now, random);
    files::write(directory, kind, &id, &text)?;
    Ok(id)
}
