//! Rotation without an operator.

use std::{path::Path, time::Duration};

use super::{
    KeysError, Kind, Rotated, Rotation, files,
    inventory::{follow_up, remove_retired},
    set::Set,
};
use crate::backend::{Random, Timestamp};

/// How often keys are replaced; a kind without a time is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Age at which the newest signing key gets a successor.
    pub signing: Option<Duration>,
    /// Age at which the newest root secret gets a successor.
    pub secrets: Option<Duration>,
}

impl Schedule {
    /// Whether there is nothing to do, ever.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn due(&self, set: &Set, now: Timestamp) -> Vec<Kind> {
        let mut due = Vec::new();
        for (kind, every) in [(Kind::Secret, self.secrets), (Kind::Signing, self.signing)] {
            if every.is_some_and(|every| set.newest(kind).created() + every <= now) {
                due.push(kind);
            }
        }
        due
    }

    fn retires(&self, set: &Set, rotation: &Rotation, now: Timestamp) -> bool {
        let (delay, keep) = (rotation.activation_delay, rotation.keep);
        self.signing.is_some() && set.signing.retired(delay, keep, now).next().is_some()
    }
}

/// Does what is due: adds successors, and removes signing keys that have been out of use for `keep`. Blocking.
///
/// Of several processes on one directory, one does it: they take turns, and the next finds it done. Where signing keys are
/// not replaced by schedule, none is removed by it. Refused as a start would be.
pub fn follow(
    directory: &Path,
    schedule: &Schedule,
    rotation: &Rotation,
    now: Timestamp,
    random: &Random,
) -> Result<Rotated, KeysError> {
    let set = Set::load(directory)?;
    if schedule.due(&set, now).is_empty() && !schedule.retires(&set, rotation, now) {
        return Ok(Rotated::default());
    }
    let _lock = files::lock(directory)?;
    let set = Set::load(directory)?;
    let mut done = Rotated::default();
    for kind in schedule.due(&set, now) {
        let id = follow_up(directory, kind, &set, rotation, now, random)?;
        done.added.push((kind, id));
    }
    if schedule.retires(&set, rotation, now) {
        done.removed = remove_retired(directory, &set, rotation, now)?;
    }
    Ok(done)
}
