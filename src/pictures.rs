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
    /// Bytes of memory that decoding one file may take: its samples as they are decoded, and what the decoder holds
    /// beside them; the first MiB of the latter is free. Never estimated too low.
    ///
    /// A pixel takes 3 bytes in a baseline JPEG in colour, 6 in a progressive one with the usual halved colours and 9
    /// with full ones, 1 to 8 in a PNG, 5 in a lossy WebP. A lossless WebP takes 5 to 8 for each pixel, and can unpack
    /// to tables of 400 times the size of the file, for which it counts as if it did.
    ///
    /// The file and what is made of the samples are bounded by other limits. At most, one picture takes at once: the
    /// file and the decoder's copies of it, four times `max_bytes`; and either `max_memory` and that MiB, or the turned
    /// copy beside the samples, 8 bytes for each of `max_pixels`, or the samples and the encoded file, 4 bytes for each
    /// of `max_pixels` and twice `max_bytes`. Samples of 16 bits become 8 in half of their own memory again, where the
    /// allocator moves what shrinks.
    pub max_memory: u64,
    /// Time of a processor that decoding one file may take. Waiting for a processor, encoding and the squares do not
    /// count: their work is bounded by `max_pixels`. The decoders of JPEG and lossy WebP cannot be stopped within a
    /// file. The work of the first is bounded by its number of scans, of the second by its pixels.
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
