//! From pixels to the file that is kept: nothing but pixels goes in.

use std::io::{self, Write};

use bytes::Bytes;
use image::{
    ImageEncoder as _,
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
    let encode = |quality: Option<u8>| {
        let mut file = Capped {
            bytes: Vec::new(),
            most: usize::try_from(most).unwrap_or(usize::MAX),
            is_full: false,
        };
        let Pixels {
            width,
            height,
            samples,
            ..
        } = pixels;
        let result = match quality {
            Some(quality) => JpegEncoder::new_with_quality(&mut file, quality).write_image(
                samples,
                *width,
                *height,
                pixels.color(),
            ),
            None => {
                let (compression, filter) = (CompressionType::Default, FilterType::Adaptive);
                PngEncoder::new_with_quality(&mut file, compression, filter).write_image(
                    samples,
                    *width,
                    *height,
                    pixels.color(),
                )
            }
        };
        match result {
            Ok(()) => Ok(Some(Bytes::from(file.bytes))),
            Err(_) if file.is_full => Ok(None),
            // Such as a side that JPEG has no number for.
            Err(_) => Err(Refusal::malformed("it cannot be kept at its size")),
        }
    };
    if kind == Kind::Png {
        return encode(None);
    }
    for quality in QUALITIES {
        if let Some(file) = encode(Some(quality))? {
            return Ok(Some(file));
        }
    }
    Ok(None)
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
