//! What `settings!` makes of a section, beside its struct.

use super::{reader::Reader, value::Value};

/// A section as the reader and the template see it.
pub(super) trait Section {
    /// The lines of its doc comment.
    fn about(&self) -> &'static [&'static str];

    /// Its keys, with the values they have in `self`.
    fn keys(&self) -> Vec<Key>;

    /// Reads its keys over the values that `self` has.
    fn read(&mut self, reader: &mut Reader<'_>);
}

/// One key, as the template prints it. Not `Debug`: the value may be a secret.
pub(super) struct Key {
    pub(super) name: &'static str,
    /// The lines of its doc comment.
    pub(super) about: &'static [&'static str],
    /// The value in TOML.
    pub(super) value: String,
    /// Whether it has a companion `…_file`.
    pub(super) from_file: bool,
    /// Whether only that companion or a variable may hold it.
    pub(super) secret: bool,
}

impl Key {
    pub(super) fn new<T: Value>(
        name: &'static str,
        about: &'static [&'static str],
        value: &T,
    ) -> Self {
        Self {
            name,
            about,
            value: value.to_toml(),
            from_file: T::FROM_FILE,
            secret: T::SECRET,
        }
    }
}
