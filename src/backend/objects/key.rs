//! Keys, which become paths of files and of URLs.

use object_store::path::Path;

/// Longest key in bytes. S3 takes 1024 with the prefix.
const LONGEST: usize = 512;

/// The path of `key` below `prefix`; none for what is no key.
///
/// A key has segments of `a-z`, `0-9`, `_` and `-` between single slashes, so that it means the same in every store and
/// leads nowhere else.
pub(super) fn path(prefix: &str, key: &str) -> Option<Path> {
    if key.len() > LONGEST || !is_key(key) {
        return None;
    }
    if prefix.is_empty() {
        return Path::parse(key).ok();
    }
    Path::parse(format!("{prefix}/{key}")).ok()
}

/// Whether a text has the form of a key; so must prefixes.
pub(super) fn is_key(text: &str) -> bool {
    let known = |letter: u8| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_' || letter == b'-'
    };
    text.split('/')
        .all(|segment| !segment.is_empty() && segment.bytes().all(known))
}
