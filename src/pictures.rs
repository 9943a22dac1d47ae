//! Pictures: hostile files in, safe pictures out.
//!
//! A file comes in through a [`Spool`], on disk without a name and in bounded memory. A [`Studio`] renders it on one of
//! a few threads of its own: recognised by its content alone, measured by its headers before anything is unpacked,
//! decoded within [`Limits`], turned upright, and encoded anew from its pixels. So nothing of the file itself is ever
//! kept: no Exif data, place, profile, comment, further frame, nor what stands behind the end.
//!
//! A colour profile is dropped like everything else, without converting the colours first: pictures in a wide colour
//! space come out slightly paler.
//!
//! There is no network, table or contract here.

mod decode;
mod encode;
mod kind;
mod pixels;
mod refusal;
mod render;
mod sift;
mod source;
mod spool;
mod square;
mod studio;
mod time_limit;

use std::time::Duration;

use bytes::Bytes;

pub use kind::Kind;
pub use refusal::Refusal;
pub use render::render;
pub use spool::{Spool, Spooled};
pub use studio::{Studio, StudioError, StudioOptions};

/// What a picture may be, and what it may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The kinds that are taken.
    pub kinds: Vec<Kind>,
    /// Bytes of the file, and of the full picture that is kept.
    pub max_bytes: u64,
    /// Pixels of the longer side.
    pub max_side: u32,
    /// Pixels in all.
    pub max_pixels: u64,
    /// Bytes of memory that one file may take while it is rendered, by an estimate that is rather too high. The file
    /// counts twice. A pixel counts 6 bytes in a baseline JPEG in colour, 9 in a progressive one, 9 to 12 in a PNG, 8 to
    /// 21 in a WebP. Lossless WebP can unpack to tables of 400 times the size of the file, and counts as if it did.
    pub max_memory: u64,
    /// Time that one file may take. The decoder of JPEG cannot be stopped within a file, so its work is bounded by the
    /// number of its scans as well.
    pub decode_time: Duration,
}

/// A picture that is safe to keep and to show: encoded here, from pixels alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The kind of all three files: JPEG or PNG.
    pub kind: Kind,
    /// Width of the full picture in pixels, once it is upright.
    pub width: u32,
    /// Height of the full picture in pixels, once it is upright.
    pub height: u32,
    /// The full picture, in at most `max_bytes` bytes.
    pub full: Bytes,
    /// Its centred square of 512 pixels a side, or of its shorter side where that is less.
    pub square_512: Bytes,
    /// The same of 128 pixels.
    pub square_128: Bytes,
}
