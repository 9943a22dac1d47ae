//! Names of fixed size for subjects of any size.

use aws_lc_rs::digest;

/// What stands for a subject or a bucket: half of its SHA-256, since the subject itself may be somebody's address.
pub(super) type Tag = [u8; 16];

/// The tag of `name`.
pub(super) fn of(name: &str) -> Tag {
    let mut tag = Tag::default();
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    tag.iter_mut()
        .zip(hash.as_ref())
        .for_each(|(to, from)| *to = *from);
    tag
}
