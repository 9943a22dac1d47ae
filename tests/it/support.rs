//! What tests stand on.

pub(crate) mod key_directory;
