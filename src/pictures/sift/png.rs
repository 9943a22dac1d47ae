//! The chunks of a PNG file that make its default image.

use super::{Kept, Memory, Sifted, big_endian};
use crate::pictures::Refusal;

const SIGNATURE_BYTES: usize = 8;
/// Length, type and checksum of a chunk.
const FRAME_BYTES: usize = 12;
/// The window of deflate, its tables, and what is unpacked at once.
const DECODER_BYTES: u64 = 512 * 1024;
/// Rows that the decoder holds at once, as they are packed and as they are unpacked.
const ROWS: u64 = 12;

/// What IHDR says.
struct Header {
    width: u32,
    height: u32,
    bytes_per_sample: u64,
    channels: u64,
    is_palette: bool,
}

pub(super) fn sift(file: &[u8]) -> Result<Sifted<'_>, Refusal> {
    let mut kept = Kept::default();
    kept.push(0..SIGNATURE_BYTES);
    let (mut header, mut has_transparency, mut exif) = (None, false, None);
    let mut position = SIGNATURE_BYTES;
    loop {
        let (kind, body) = chunk(file, position).ok_or_else(Refusal::cut_off)?;
        let end = position + FRAME_BYTES + body.len();
        match (kind, &header) {
            (b"IHDR", None) => header = Some(read_header(body)?),
            (b"IHDR", Some(_)) | (_, None) => return Err(Refusal::contradictory()),
            (b"tRNS", _) => has_transparency = true,
            (b"PLTE" | b"IDAT" | b"IEND", _) => {}
            (other, _) => {
                if other == b"eXIf" {
                    exif.get_or_insert(body);
                }
                position = end;
                continue;
            }
        }
        kept.push(position..end);
        position = end;
        if kind == b"IEND" {
            break;
        }
    }
    let header = header.ok_or_else(Refusal::cut_off)?;
    let pixels = u64::from(header.width) * u64::from(header.height);
    let channels = match (header.is_palette, has_transparency) {
        (true, true) => 4,
        (true, false) => 3,
        // A transparent colour becomes a channel of its own.
        (false, true) => header.channels + 1,
        (false, false) => header.channels,
    };
    let pixel = channels * header.bytes_per_sample;
    let rows = u64::from(header.width).saturating_mul(pixel * ROWS);
    Ok(Sifted {
        parts: kept.of(file).collect(),
        width: header.width,
        height: header.height,
        memory: Memory {
            samples: pixels.saturating_mul(pixel),
            working: rows.saturating_add(DECODER_BYTES),
        },
        exif,
        passes: 1,
    })
}

/// The type and body of the chunk there, if it is whole.
fn chunk(file: &[u8], position: usize) -> Option<(&[u8; 4], &[u8])> {
    let rest = file.get(position..)?;
    let length = usize::try_from(big_endian(rest.get(..4)?)).ok()?;
    let kind = rest.get(4..8)?.try_into().ok()?;
    let body = rest.get(8..)?.get(..length)?;
    rest.get(8 + length..)?.get(..4)?;
    Some((kind, body))
}

fn read_header(body: &[u8]) -> Result<Header, Refusal> {
    let &[.., depth, colour, _, _, _] = body else {
        return Err(Refusal::contradictory());
    };
    if body.len() != 13 {
        return Err(Refusal::contradictory());
    }
    Ok(Header {
        width: big_endian(&body[..4]),
        height: big_endian(&body[4..8]),
        bytes_per_sample: if depth > 8 { 2 } else { 1 },
        channels: match colour {
            0 | 3 => 1,
            2 => 3,
            4 => 2,
            6 => 4,
            _ => return Err(Refusal::contradictory()),
        },
        is_palette: colour == 3,
    })
}
