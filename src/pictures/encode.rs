//! From pixels to the file that is kept: nothing but pixels goes in.

use std::io::{self, Write};

use bytes::Bytes;
use image::{ImageEncoder as _, codecs::jpeg::JpegEncoder};
use png::{BitDepth, ColorType, DeflateCompression};

use super::{Kind, Refusal, pixels::Pixels};

/// Quality of a JPEG, and the one tried where that becomes too large.
const QUALITIES: [u8; 2] = [85, 65];

/// How the data of a full PNG is packed, and how where that becomes too large: the first takes a tenth of the time of
/// the second, and up to twice the bytes.
const FULL: [DeflateCompression; 2] = [
    DeflateCompression::FdeflateUltraFast,
    DeflateCompression::Level(3),
];
/// The same for a square, where the time hardly matters.
const SQUARE: [DeflateCompression; 1] = [DeflateCompression::Level(6)];

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
        if let Some(file) = encode_as(pixels, *kind, &FULL, most)? {
            return Ok((*kind, file));
        }
    }
    Err(Refusal::TooLarge {
        limit: "stored_bytes",
        most,
    })
}

/// Encodes a square as that kind, JPEG for all but PNG.
pub(super) fn encode_square(pixels: &Pixels, kind: Kind) -> Result<Bytes, Refusal> {
    let file = encode_as(pixels, kind, &SQUARE, u64::MAX)?;
    file.ok_or_else(Refusal::damaged)
}

/// Encodes as that kind, JPEG for all but PNG; `None` if more than `most` bytes are needed.
fn encode_as(
    pixels: &Pixels,
    kind: Kind,
    packings: &[DeflateCompression],
    most: u64,
) -> Result<Option<Bytes>, Refusal> {
    if kind == Kind::Png {
        first(packings, most, |packing, file| {
            write_png(pixels, *packing, file)
        })
    } else {
        first(&QUALITIES, most, |quality, file| {
            write_jpeg(pixels, *quality, file)
        })
    }
}

/// What the first of these ways writes in at most that many bytes, `None` where they do not suffice for any.
fn first<T>(
    ways: &[T],
    most: u64,
    write: impl Fn(&T, &mut Capped) -> io::Result<()>,
) -> Result<Option<Bytes>, Refusal> {
    for way in ways {
        let file = capped(most, |file| write(way, file))?;
        if file.is_some() {
            return Ok(file);
        }
    }
    Ok(None)
}

fn write_jpeg(pixels: &Pixels, quality: u8, file: &mut Capped) -> io::Result<()> {
    let color = pixels.color();
    JpegEncoder::new_with_quality(file, quality)
        .write_image(&pixels.samples, pixels.width, pixels.height, color)
        .map_err(io::Error::other)
}

/// Writes row by row, so that what becomes too large is given up at once and never held as a whole.
fn write_png(pixels: &Pixels, packing: DeflateCompression, file: &mut Capped) -> io::Result<()> {
    let mut encoder = png::Encoder::new(file, pixels.width, pixels.height);
    encoder.set_color(match pixels.channels {
        1 => ColorType::Grayscale,
        2 => ColorType::GrayscaleAlpha,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_deflate_compression(packing);
    encoder.set_filter(png::Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    let mut rows = writer.stream_writer()?;
    rows.write_all(&pixels.samples)?;
    rows.finish()?;
    writer.finish()?;
    Ok(())
}

/// What is written in at most that many bytes, `None` where they do not suffice.
fn capped(
    most: u64,
    write: impl FnOnce(&mut Capped) -> io::Result<()>,
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
