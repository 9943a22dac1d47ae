//! Which settings act without a restart, and what two readings of the configuration have otherwise.

use std::collections::BTreeMap;

use super::{
    Settings,
    section::{Key, Section as _},
};

/// Characters of a value that a line of the log can bear.
const LONGEST: usize = 60;

/// A setting that has another value in a later reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its full name.
    pub key: String,
    /// What it was, in TOML; a word in place of secrets and of what is long.
    pub old: String,
    /// What it is.
    pub new: String,
    /// Whether it acts without a restart.
    pub is_live: bool,
}

/// Whether a change of the setting acts without a restart.
pub(super) fn is_live(key: &str) -> bool {
    // The listener of a dialect has the limit from its start.
    let is_bound = key.starts_with("realms.") && key.ends_with(".picture_max_bytes");
    (key.starts_with("limits.") || key.starts_with("realms.") || key == "log.level") && !is_bound
}

impl Settings {
    /// What `next` has otherwise. A realm that only one of them has is told by its name alone.
    pub fn changes_to(&self, next: &Self) -> Vec<Change> {
        let (old, new) = (self.named(), next.named());
        let mut changes: Vec<Change> = old
            .iter()
            .filter_map(|(name, key)| change(name, key, new.get(name)?))
            .collect();
        let realm = |key: String, old: &str, new: &str| Change {
            key: format!("realms.{key}"),
            old: old.to_owned(),
            new: new.to_owned(),
            is_live: true,
        };
        let gone = self
            .realms
            .keys()
            .filter(|name| !next.realms.contains_key(*name));
        changes.extend(gone.map(|name| realm(name.clone(), "a realm", "none")));
        let come = next
            .realms
            .keys()
            .filter(|name| !self.realms.contains_key(*name));
        changes.extend(come.map(|name| realm(name.clone(), "none", "a realm")));
        changes
    }

    /// These settings, with those of `next` that act without a restart.
    #[must_use]
    pub fn with_live(&self, next: &Self) -> Self {
        let mut settings = self.clone();
        settings.limits = next.limits.clone();
        settings.log.level.clone_from(&next.log.level);
        settings.realms.clone_from(&next.realms);
        for (name, realm) in &mut settings.realms {
            if let Some(old) = self.realms.get(name) {
                realm.picture_max_bytes = old.picture_max_bytes;
            }
        }
        settings
    }

    /// Every setting by its full name.
    fn named(&self) -> BTreeMap<String, Key> {
        let mut named = BTreeMap::new();
        for key in self.keys() {
            named.insert(key.name.to_owned(), key);
        }
        // The list lends its sections to be read into.
        for (section, keys) in self.clone().sections() {
            for key in keys.keys() {
                named.insert(format!("{section}.{}", key.name), key);
            }
        }
        for (name, realm) in &self.realms {
            for key in realm.keys() {
                named.insert(format!("realms.{name}.{}", key.name), key);
            }
        }
        named
    }
}

fn change(name: &str, old: &Key, new: &Key) -> Option<Change> {
    (old.value != new.value).then(|| Change {
        key: name.to_owned(),
        old: shown(old),
        new: shown(new),
        is_live: is_live(name),
    })
}

fn shown(key: &Key) -> String {
    if key.secret {
        "a secret".to_owned()
    } else if key.value.chars().count() > LONGEST {
        "a long text".to_owned()
    } else {
        key.value.clone()
    }
}
