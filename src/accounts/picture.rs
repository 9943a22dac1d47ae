//! The profile picture of an account: set, read and removed.
//!
//! The row comes first, then the objects, then the commit that names the picture on its account. Whatever breaks in
//! between leaves a staged row, and [`collect_pictures`] removes its objects.

mod cache;
mod collect;
mod delete;
mod fetch;
mod find;
mod ticket;
mod upload;

use std::time::Duration;

use crate::{
    config::{PictureType, Realm},
    pictures::{Kind, Limits},
    store::picture,
};

pub use cache::{Cache, Picture};
pub use collect::collect_pictures;
pub use delete::delete_picture;
pub use fetch::fetch_picture;
pub use find::{Found, etag, find_picture};
pub(super) use ticket::new_ticket;
pub use ticket::{Ticket, present_ticket};
pub use upload::{Upload, Uploader, admit_upload, unavailable, unsupported, upload_picture};

/// One of the forms that every picture is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// The whole picture.
    Full,
    /// The square in the middle, 512 pixels a side at most.
    Square512,
    /// The square in the middle, 128 pixels a side at most.
    Square128,
}

impl Variant {
    const ALL: [Self; 3] = [Self::Full, Self::Square512, Self::Square128];

    const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Square512 => "512",
            Self::Square128 => "128",
        }
    }

    /// Bytes and SHA-256 of the form, as they were stored.
    fn stored(self, row: &picture::Model) -> (i64, &[u8]) {
        match self {
            Self::Full => (row.full_size, &row.full_digest),
            Self::Square512 => (row.square_512_size, &row.square_512_digest),
            Self::Square128 => (row.square_128_size, &row.square_128_digest),
        }
    }

    /// Width and height of the form, in pixels.
    fn dimensions(self, row: &picture::Model) -> (i32, i32) {
        let square = |most: i32| {
            let side = row.width.min(row.height).min(most);
            (side, side)
        };
        match self {
            Self::Full => (row.width, row.height),
            Self::Square512 => square(512),
            Self::Square128 => square(128),
        }
    }

    /// The name of the object: of this picture alone, and of this content alone. No name is ever written twice, so what
    /// nobody names any more can be removed whenever.
    fn key(self, row: &picture::Model) -> String {
        let (_, digest) = self.stored(row);
        let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digest: String = digits
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect();
        format!("{}/{}/{}-{digest}", row.realm, row.id, self.name())
    }
}

/// The rules of a realm, as the renderer takes them.
fn limits(rules: &Realm, decode_time: Duration) -> Limits {
    let kind = |kind: &PictureType| match kind {
        PictureType::Jpeg => Kind::Jpeg,
        PictureType::Png => Kind::Png,
        PictureType::Webp => Kind::Webp,
    };
    Limits {
        kinds: rules.picture_types.iter().map(kind).collect(),
        max_bytes: rules.picture_max_bytes,
        max_side: rules.picture_max_side,
        max_pixels: rules.picture_max_pixels,
        max_memory: rules.picture_max_memory,
        decode_time,
    }
}
