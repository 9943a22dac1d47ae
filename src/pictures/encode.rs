//! From pixels to the file that is kept: nothing but pixels goes in.

use std::io::{self, Write};

use bytes::Bytes;
use image::{
    ImageEncoder, ImageResult,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};

use super::{Kind, Refusal, pixels::Pixels};

/// Quality of a JPEG, and the one tried where that becomes too large.
const QUALITIES: [u8; 2] = [85, 65];

/// Encodes a picture that came as `from`, into at most `most` bytes: as PNG what came as PNG or has alpha, else as JPEG.
///
/// Where a PNG would become too large, an opaque picture is kept as JPEG. Refused is what becomes too large all the
/// same.
pub(super) fn encode(pixels: &Pixels, from: Kind, most: u64) -> Result<(Kind, Bytes), Refusal> {
    let kinds: &[Kind] = match (from, pixels.has_alpha()) {
        (_, true) => &[Kind::Png],
        (Kind::Png, false) => &[Kind::Png, Kind::Jpeg],
        (Kind::Jpeg | Kind::Webp, false) => &[Kind::Jpeg],
    };
    for kind in kinds {
        if let Some(file) = encode_as(pixels, *kind, most)? {
            return Ok((*kind, file));
        }
    }
    Err(Refusal::TooLarge {
        limit: "stored_bytes",
        most,
    })
}

/// Encodes as that kind, JPEG for all but PNG; `None` if more than `most` bytes are needed.
pub(super) fn encode_as(pixels: &Pixels, kind: Kind, most: u64) -> Result<Option<Bytes>, Refusal> {
    if kind == Kind::Png {
        return capped(most, |file| {
            let (compression, filter) = (CompressionType::Default, FilterType::Adaptive);
            write(
                PngEncoder::new_with_quality(file, compression, filter),
                pixels,
            )
        });
    }
    for quality in QUALITIES {
        let file = capped(most, |file| {
            write(JpegEncoder::new_with_quality(file, quality), pixels)
        })?;
        if file.is_some() {
            return Ok(file);
        }
    }
    Ok(None)
}

fn write(encoder: impl ImageEncoder, pixels: &Pixels) -> ImageResult<()> {
    let Pixels {
        width,
        height,
        samples,
        ..
    } = pixels;
    encoder.write_image(samples, *width, *height, pixels.color())
}

/// What is written in at most that many bytes, `None` where they do not suffice.
fn capped(
    most: u64,
    write: impl FnOnce(&mut Capped) -> ImageResult<()>,
) -> Result<Option<Bytes>, Refusal> {
    let mut file = Capped {
        bytes: Vec::new(),
        most: usize::try_from(most).unwrap_or(usize::MAX),
        is_full: false,
    };
    match write(&mut file) {
        Ok(()) => Ok(Some(Bytes::from(file.bytes))),
        Err(_) if file.is_full => Ok(None),
        // Such as a side that JPEG has no number for.
        Err(_) => Err(Refusal::malformed("it cannot be kept at its size")),
    }
}

/// A file in memory that refuses to grow beyond its limit.
struct Capped {
    bytes: Vec<u8>,
    most: usize,
    is_full: bool,
}

impl Write for Capped {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if more.len() > self.most - self.bytes.len() {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
