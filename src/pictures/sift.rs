//! What of a file is the picture: everything else never reaches a decoder.
//!
//! A file is walked chunk by chunk, without unpacking anything. Kept are the chunks that make the pixels of the one
//! image that is wanted; profiles, comments, texts, thumbnails, further frames, and whatever stands behind the end are
//! left out, so they can cost neither memory nor time, and cannot come back in what is stored.

mod jpeg;
mod png;
mod webp;

use std::{borrow::Cow, ops::Range};

use super::{Kind, Limits, Refusal};

/// The picture in a file, still encoded.
pub(super) struct Sifted<'a> {
    /// A smaller file of the same format.
    pub(super) parts: Vec<Cow<'a, [u8]>>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) memory: Memory,
    /// Exif data (TIFF), for the orientation.
    pub(super) exif: Option<&'a [u8]>,
    /// Passes of the decoder over one sample of each pixel.
    pub(super) passes: u64,
}

/// Walks a file of that kind. Refused as malformed is one that ends early or whose headers contradict each other.
pub(super) fn sift(kind: Kind, file: &[u8]) -> Result<Sifted<'_>, Refusal> {
    match kind {
        Kind::Jpeg => jpeg::sift(file),
        Kind::Png => png::sift(file),
        Kind::Webp => webp::sift(file),
    }
}

/// Passes over the largest picture that a JPEG may ask for; a smaller one may ask for more. libjpeg writes 14 in colour.
/// A pass takes some 4 ns for each pixel at the worst, also where its data is missing, and cannot be stopped.
const MOST_PASSES: u64 = 16;

impl Sifted<'_> {
    /// Refuses a picture whose headers already promise more than the limits allow.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), Refusal> {
        let pixels = u64::from(self.width) * u64::from(self.height);
        if pixels == 0 {
            return Err(Refusal::malformed("it has no pixels"));
        }
        let side = self.width.max(self.height);
        for (limit, size, most) in [
            ("side", u64::from(side), u64::from(limits.max_side)),
            ("pixels", pixels, limits.max_pixels),
            ("memory", self.memory.total(), limits.max_memory),
        ] {
            if size > most {
                return Err(Refusal::TooLarge { limit, most });
            }
        }
        if self.passes.saturating_mul(pixels) > limits.max_pixels.saturating_mul(MOST_PASSES) {
            return Err(Refusal::malformed("it has too many scans"));
        }
        Ok(())
    }
}

/// Working memory of a decoder that is not counted: its tables of fixed size, and a few rows.
const FREE_BYTES: u64 = 1 << 20;

/// Bytes that decoding takes at its peak, beside the file: never too low, and as near as the headers allow.
pub(super) struct Memory {
    /// The decoded samples, as deep as they are decoded.
    samples: u64,
    /// What the decoder holds beside them.
    working: u64,
}

impl Memory {
    fn total(&self) -> u64 {
        let counted = self.working.saturating_sub(FREE_BYTES);
        self.samples.saturating_add(counted)
    }
}

/// Ranges of a file in ascending order, neighbours made one.
#[derive(Default)]
struct Kept(Vec<Range<usize>>);

impl Kept {
    fn push(&mut self, range: Range<usize>) {
        match self.0.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.0.push(range),
        }
    }

    fn of(self, file: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.0
            .into_iter()
            .filter_map(|range| file.get(range).map(Cow::Borrowed))
    }
}

/// A number of big or little end, from bytes that are there for certain or read as 0.
fn big_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

fn little_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}
