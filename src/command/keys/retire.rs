//! Removing a key by its id.

use std::time::Duration;

use super::{CommandError, Place, Uses};
use crate::keys::{self, Id, Kind, Listed, State};

/// No code lives longer, nor any answer that is kept sealed.
const DAY: Duration = Duration::from_hours(24);

/// Removes a key, unless something may live by it; with `force`, whatever does.
pub(super) fn retire(
    place: &Place,
    id: &str,
    force: bool,
    uses: Option<&Uses>,
) -> Result<Kind, CommandError> {
    let id = Id::parse(id).ok_or_else(|| {
        let told = format!("{id} is no id of a key; `accountd keys list` names those there are");
        CommandError::Refused(told)
    })?;
    let delay = place.rotation.activation_delay;
    if !force {
        let listed = keys::list(&place.directory, delay, place.now)?;
        if let Some(reason) = needed(place, &listed, &id, uses) {
            return Err(CommandError::Refused(format!(
                "key {id} is still needed: {reason}; if it was stolen, retire it with --force"
            )));
        }
    }
    Ok(keys::retire(&place.directory, &id, delay, place.now)?)
}

/// What was made with a key that has a successor may be accepted still.
fn still_accepted(place: &Place, listed: &[Listed], key: &Listed) -> Option<String> {
    let mut newer = listed
        .iter()
        .filter(|other| other.kind == key.kind && other.id > key.id);
    let replaced = newer.next()?.id.created() + place.rotation.activation_delay;
    let (keep, what) = match key.kind {
        Kind::Signing => (place.rotation.keep, "tokens signed with it"),
        Kind::Secret => (DAY, "codes made with it"),
    };
    if place.now >= replaced + keep {
        return None;
    }
    let left = Duration::from_secs(((replaced + keep) - place.now).as_secs() + 1);
    let left = humantime::format_duration(left);
    Some(format!("{what} may be accepted for another {left}"))
}

/// What would be refused without the key.
fn needed(place: &Place, listed: &[Listed], id: &Id, uses: Option<&Uses>) -> Option<String> {
    let key = listed.iter().find(|key| key.id == *id)?;
    if key.state == State::Verifying
        && let Some(left) = still_accepted(place, listed, key)
    {
        return Some(left);
    }
    // A key that waits by our clock may be in use by that of a node.
    let count = uses.map(|uses| uses.by(id)).unwrap_or_default();
    (!count.is_nothing()).then(|| format!("it is used by {count}"))
}
