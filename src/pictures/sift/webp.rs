//! The chunks of a WebP file that make its image, or its first frame (RFC 9649).

use std::{borrow::Cow, ops::Range};

use super::{Memory, Sifted, little_endian};
use crate::pictures::Refusal;

/// Codes of the lossless format unpack to tables of 4 KiB each, from no fewer than 11 bytes of the file.
const TABLE_BYTES_PER_BYTE: u64 = 400;
/// The most codes of a lossless image, each with five tables.
const MOST_TABLE_BYTES: u64 = 65_536 * 5 * 4400;
/// The side of a block in pixels; sides are filled up to its multiple.
const BLOCK: u64 = 16;
const IS_ANIMATED: u8 = 0x02;
const HAS_ALPHA: u8 = 0x10;

/// A chunk of RIFF.
struct Chunk<'a> {
    kind: &'a [u8],
    /// With its header and padding.
    range: Range<usize>,
    body: &'a [u8],
}

/// What an image is decoded to.
struct Canvas {
    width: u32,
    height: u32,
    has_alpha: bool,
    is_animated: bool,
}

/// The chunks of one encoded image.
struct Image<'a> {
    alpha: Option<Chunk<'a>>,
    data: Chunk<'a>,
    width: u32,
    height: u32,
    is_lossless: bool,
    has_alpha: bool,
}

pub(super) fn sift(file: &[u8]) -> Result<Sifted<'_>, Refusal> {
    let size = file.get(4..8).ok_or_else(Refusal::cut_off)?;
    let size = usize::try_from(little_endian(size)).map_err(|_| Refusal::cut_off())?;
    let end = size.checked_add(8).ok_or_else(Refusal::cut_off)?;
    if !(12..=file.len()).contains(&end) {
        return Err(Refusal::cut_off());
    }
    let first = chunk(file, 12..end).ok_or_else(Refusal::cut_off)?;
    if first.kind != b"VP8X" {
        let image = Image::find(file, 12..end)?;
        let canvas = Canvas {
            width: image.width,
            height: image.height,
            has_alpha: image.has_alpha,
            is_animated: false,
        };
        return Ok(sifted(file, Vec::new(), image, &canvas));
    }
    extended(file, &first, end)
}

fn extended<'a>(file: &'a [u8], first: &Chunk<'a>, end: usize) -> Result<Sifted<'a>, Refusal> {
    let &[flags, _, _, _, w0, w1, w2, h0, h1, h2, ..] = first.body else {
        return Err(Refusal::contradictory());
    };
    let mut canvas = Canvas {
        width: little_endian(&[w0, w1, w2]) + 1,
        height: little_endian(&[h0, h1, h2]) + 1,
        has_alpha: flags & HAS_ALPHA != 0,
        is_animated: flags & IS_ANIMATED != 0,
    };
    let behind = first.range.end..end;
    let exif = find(file, behind.clone(), |kind| kind == b"EXIF").map(|chunk| chunk.body);
    let mut head = Vec::new();
    let image = if canvas.is_animated {
        write_header(&mut head, first, flags & HAS_ALPHA | IS_ANIMATED);
        first_frame(file, behind, &mut head)?
    } else {
        let image = Image::find(file, behind)?;
        if (image.width, image.height) != (canvas.width, canvas.height) {
            return Err(Refusal::contradictory());
        }
        canvas.has_alpha = image.has_alpha;
        let flags = if image.has_alpha { HAS_ALPHA } else { 0 };
        write_header(&mut head, first, flags);
        image
    };
    let mut sifted = sifted(file, head, image, &canvas);
    sifted.exif = exif.map(|exif| exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
    Ok(sifted)
}

/// Writes the header of an extended file without the flags of what is left out.
fn write_header(head: &mut Vec<u8>, first: &Chunk<'_>, flags: u8) {
    head.extend_from_slice(b"VP8X\x0A\0\0\0");
    head.extend_from_slice(&[flags, 0, 0, 0]);
    head.extend_from_slice(&first.body[4..10]);
}

/// The image in the first frame, with an animation of this one frame written in front of it.
fn first_frame<'a>(
    file: &'a [u8],
    behind: Range<usize>,
    head: &mut Vec<u8>,
) -> Result<Image<'a>, Refusal> {
    let frame = find(file, behind, |kind| kind == b"ANMF").ok_or_else(Refusal::contradictory)?;
    let (Some(place), Some(size)) = (frame.body.get(..16), frame.body.get(6..12)) else {
        return Err(Refusal::contradictory());
    };
    let image = Image::find(file, frame.range.start + 24..frame.range.end)?;
    let size = (little_endian(&size[..3]) + 1, little_endian(&size[3..]) + 1);
    if (image.width, image.height) != size {
        return Err(Refusal::contradictory());
    }
    head.extend_from_slice(b"ANIM\x06\0\0\0\0\0\0\0\0\0");
    head.extend_from_slice(b"ANMF");
    let bytes = u32::try_from(16 + image.bytes()).map_err(|_| Refusal::contradictory())?;
    head.extend_from_slice(&bytes.to_le_bytes());
    head.extend_from_slice(place);
    Ok(image)
}

/// A file of that head and image.
fn sifted<'a>(file: &'a [u8], head: Vec<u8>, image: Image<'a>, canvas: &Canvas) -> Sifted<'a> {
    let memory = image.memory(canvas);
    let bytes = 4 + head.len() + image.bytes();
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut parts = vec![
        Cow::Borrowed(&b"RIFF"[..]),
        Cow::Owned(bytes.to_vec()),
        Cow::Borrowed(b"WEBP"),
        Cow::Owned(head),
    ];
    for chunk in image.alpha.into_iter().chain([image.data]) {
        let has_padding = chunk.range.len().is_multiple_of(2);
        parts.push(Cow::Borrowed(&file[chunk.range]));
        if !has_padding {
            parts.push(Cow::Borrowed(&[0]));
        }
    }
    Sifted {
        parts,
        width: canvas.width,
        height: canvas.height,
        memory,
        exif: None,
        passes: 1,
    }
}

impl<'a> Image<'a> {
    /// The first image in that range of a file.
    fn find(file: &'a [u8], range: Range<usize>) -> Result<Self, Refusal> {
        let is_image = |kind: &[u8]| matches!(kind, b"VP8 " | b"VP8L");
        let data = find(file, range.clone(), is_image).ok_or_else(Refusal::cut_off)?;
        let before = range.start..data.range.start;
        let is_lossless = data.kind == b"VP8L";
        let alpha = (!is_lossless)
            .then(|| find(file, before, |kind| kind == b"ALPH"))
            .flatten();
        let size = if is_lossless {
            lossless_size(data.body)
        } else {
            lossy_size(data.body)
        };
        let (width, height, is_transparent) = size.ok_or_else(Refusal::damaged)?;
        Ok(Self {
            has_alpha: is_transparent || alpha.is_some(),
            alpha,
            data,
            width,
            height,
            is_lossless,
        })
    }

    /// Bytes of its chunks as they are written.
    fn bytes(&self) -> usize {
        let chunks = self.alpha.iter().chain([&self.data]);
        chunks
            .map(|chunk| chunk.range.len().next_multiple_of(2))
            .sum()
    }

    /// Memory to decode it onto that canvas.
    fn memory(&self, canvas: &Canvas) -> Memory {
        let packed = match &self.alpha {
            _ if self.is_lossless => Some(self.data.body.len()),
            // The lower two bits of its first byte tell whether alpha is packed.
            Some(alpha) if alpha.body.first().is_some_and(|byte| byte & 3 != 0) => {
                Some(alpha.body.len())
            }
            _ => None,
        };
        let tables = (packed.unwrap_or_default() as u64).saturating_mul(TABLE_BYTES_PER_BYTE);
        let decoder = match &self.alpha {
            // The images of its transforms and of its codes.
            _ if self.is_lossless => 1,
            // Luma, two channels of a quarter each, and what is known of each block.
            None => 2,
            Some(_) if packed.is_none() => 3,
            // Alpha beside them, unpacked as a lossless image.
            Some(_) => 8,
        };
        let beside = match canvas.is_animated {
            // The canvas, and the frame in colours.
            true => 8,
            // Lossless images are unpacked with four channels.
            false if self.is_lossless && !canvas.has_alpha => 4,
            false => 0,
        };
        let [width, height] = [canvas.width, canvas.height].map(u64::from);
        let filled = width.next_multiple_of(BLOCK) * height.next_multiple_of(BLOCK);
        Memory {
            samples: width * height * if canvas.has_alpha { 4 } else { 3 },
            working: filled * (decoder + beside) + tables.min(MOST_TABLE_BYTES),
        }
    }
}

fn lossy_size(body: &[u8]) -> Option<(u32, u32, bool)> {
    let &[_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..] = body else {
        return None;
    };
    let [width, height] = [[w0, w1], [h0, h1]].map(|side| little_endian(&side) & 0x3FFF);
    Some((width, height, false))
}

fn lossless_size(body: &[u8]) -> Option<(u32, u32, bool)> {
    let &[0x2F, a, b, c, d, ..] = body else {
        return None;
    };
    let bits = little_endian(&[a, b, c, d]);
    let side = |bits: u32| (bits & 0x3FFF) + 1;
    Some((side(bits), side(bits >> 14), bits >> 28 & 1 == 1))
}

/// The first chunk of a kind in that range; the search ends where no whole chunk follows.
fn find(
    file: &[u8],
    mut range: Range<usize>,
    is_wanted: impl Fn(&[u8]) -> bool,
) -> Option<Chunk<'_>> {
    while let Some(chunk) = chunk(file, range.clone()) {
        if is_wanted(chunk.kind) {
            return Some(chunk);
        }
        range.start = chunk.range.end;
    }
    None
}

/// The chunk at the start of that range, if it is whole; the last byte of padding may lack.
fn chunk(file: &[u8], range: Range<usize>) -> Option<Chunk<'_>> {
    let rest = file.get(range.clone())?;
    let length = usize::try_from(little_endian(rest.get(4..8)?)).ok()?;
    let end = length.checked_add(8)?;
    let body = rest.get(8..end)?;
    let padded = end.next_multiple_of(2).min(rest.len());
    Some(Chunk {
        kind: &rest[..4],
        range: range.start..range.start + padded,
        body,
    })
}
