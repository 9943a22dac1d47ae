//! The segments of a JPEG file that make its image (ITU-T T.81, annex B).

use super::{Kept, Memory, Sifted, big_endian};
use crate::pictures::Refusal;

/// Bytes of tables: sixteen of each kind are defined, and a progressive file may define some anew for each scan.
const MOST_TABLE_BYTES: usize = 64 * 1024;
/// What the decoder itself allows in a progressive file.
const MOST_SCANS: u64 = 100;
/// Bytes of one coefficient or sample inside the decoder.
const INNER_BYTES: u64 = 2;
/// The decoder's tables of codes, and a part of a row in which it turns one form of colours into another.
const DECODER_BYTES: u64 = 256 * 1024;

#[derive(Default)]
struct Walk<'a> {
    kept: Kept,
    frame: Option<Frame>,
    exif: Option<&'a [u8]>,
    has_adobe: bool,
    table_bytes: usize,
    scans: u64,
    passes: u64,
}

/// What the start of a frame says.
struct Frame {
    is_progressive: bool,
    width: u32,
    height: u32,
    /// How often each component is sampled across and down; four at the most.
    sampling: Vec<(u64, u64)>,
}

/// Where a segment stands: `start` at its marker, `body` behind its length.
struct Segment<'a> {
    marker: u8,
    start: usize,
    end: usize,
    body: &'a [u8],
}

pub(super) fn sift(file: &[u8]) -> Result<Sifted<'_>, Refusal> {
    let mut walk = Walk::default();
    walk.kept.push(0..2);
    let mut position = 2;
    loop {
        let marker = next_marker(file, position).ok_or_else(Refusal::cut_off)?;
        match file[marker] {
            // Padding and markers that stand alone.
            0x00 | 0x01 | 0xD0..=0xD8 => position = marker + 1,
            0xD9 => {
                walk.kept.push(marker - 1..marker + 1);
                return walk.finish(file);
            }
            _ => {
                let segment = segment(file, marker).ok_or_else(Refusal::cut_off)?;
                position = segment.end;
                if segment.marker == 0xDA {
                    position = end_of_scan(file, position).ok_or_else(Refusal::cut_off)?;
                }
                walk.take(&segment, position)?;
            }
        }
    }
}

impl<'a> Walk<'a> {
    /// Keeps a segment, up to `end`, if it makes pixels.
    fn take(&mut self, segment: &Segment<'a>, end: usize) -> Result<(), Refusal> {
        match segment.marker {
            0xC0..=0xC2 => self.start_frame(segment)?,
            // Lossless, hierarchical or arithmetic coding, and a height that comes later.
            0xC3 | 0xC5..=0xCF | 0xDC => return Err(Refusal::unsupported()),
            0xDA => {
                let components = segment.body.first().copied().map(u64::from);
                self.passes += components.unwrap_or_default();
                self.scans += 1;
            }
            0xC4 | 0xDB | 0xDD => {
                self.table_bytes += segment.body.len();
                // A decoder that loses its step in a table could take this for the start of a scan.
                let hidden = segment.body.windows(2).filter(|pair| *pair == [0xFF, 0xDA]);
                let hidden = hidden.count() as u64;
                self.scans += hidden;
                self.passes += 4 * hidden;
            }
            // Says how the components of a file by Adobe mean colours.
            0xEE if segment.body.starts_with(b"Adobe") && !self.has_adobe => self.has_adobe = true,
            0xE1 => {
                if let Some(exif) = segment.body.strip_prefix(b"Exif\0\0") {
                    self.exif.get_or_insert(exif);
                }
                return Ok(());
            }
            _ => return Ok(()),
        }
        if self.table_bytes > MOST_TABLE_BYTES || self.scans > MOST_SCANS {
            return Err(Refusal::malformed("it has too many scans"));
        }
        self.kept.push(segment.start..end);
        Ok(())
    }

    fn start_frame(&mut self, segment: &Segment<'_>) -> Result<(), Refusal> {
        let &[precision, h1, h0, w1, w0, count, ref components @ ..] = segment.body else {
            return Err(Refusal::contradictory());
        };
        let (components, rest) = components.as_chunks::<3>();
        let sampling = components
            .iter()
            .map(|[_, factors, _]| (factors >> 4, factors & 0x0F));
        let is_sampled = |(h, v)| (1..=4).contains(&h) && (1..=4).contains(&v);
        if self.frame.is_some()
            || !(1..=4).contains(&count)
            || components.len() != usize::from(count)
            || !rest.is_empty()
            || !sampling.clone().all(is_sampled)
        {
            return Err(Refusal::contradictory());
        }
        if precision != 8 {
            return Err(Refusal::unsupported());
        }
        self.frame = Some(Frame {
            is_progressive: segment.marker == 0xC2,
            width: big_endian(&[w1, w0]),
            height: big_endian(&[h1, h0]),
            sampling: sampling
                .map(|(h, v)| (u64::from(h), u64::from(v)))
                .collect(),
        });
        Ok(())
    }

    fn finish(self, file: &'a [u8]) -> Result<Sifted<'a>, Refusal> {
        let frame = self.frame.ok_or_else(Refusal::contradictory)?;
        let components = frame.sampling.len() as u64;
        if !frame.is_progressive && self.scans > components {
            return Err(Refusal::malformed("it has too many scans"));
        }
        Ok(Sifted {
            parts: self.kept.of(file).collect(),
            width: frame.width,
            height: frame.height,
            memory: Memory {
                samples: u64::from(frame.width)
                    * u64::from(frame.height)
                    * if components == 1 { 1 } else { 3 },
                working: frame.working(self.scans > 1),
            },
            exif: self.exif,
            passes: self.passes,
        })
    }
}

impl Frame {
    /// Bytes that the decoder holds beside the decoded samples. `is_split` says that more than one scan adds to them.
    fn working(&self, is_split: bool) -> u64 {
        let most_h = self.sampling.iter().map(|(h, _)| *h).max().unwrap_or(1);
        let most_v = self.sampling.iter().map(|(_, v)| *v).max().unwrap_or(1);
        let across = u64::from(self.width).div_ceil(8 * most_h);
        let down = u64::from(self.height).div_ceil(8 * most_v);
        let bytes = self.sampling.iter().map(|(h, v)| {
            // Every coefficient or sample of the component, where they come bit by bit.
            let whole = if is_split || self.is_progressive {
                (across * 8 * h) * (down * 8 * v)
            } else {
                0
            };
            // One row of blocks, the same stretched to all pixels (twice in one odd form), and rows at its border.
            let stretch = (most_h / h) * (most_v / v);
            let rows = 8 * v + 2 * v + v * stretch + 2 * 8 * stretch + 8;
            let width = u64::from(self.width).next_multiple_of(8 * h);
            INNER_BYTES * (whole + rows * width)
        });
        bytes.sum::<u64>() + DECODER_BYTES
    }
}

/// Where the next marker's second byte stands.
fn next_marker(file: &[u8], position: usize) -> Option<usize> {
    let first = position
        + file
            .get(position..)?
            .iter()
            .position(|byte| *byte == 0xFF)?;
    let padding = file[first..].iter().position(|byte| *byte != 0xFF)?;
    Some(first + padding)
}

/// The segment of that marker, if it is whole.
fn segment(file: &[u8], marker: usize) -> Option<Segment<'_>> {
    let length = file.get(marker + 1..)?.get(..2)?;
    let length = usize::try_from(big_endian(length)).ok()?;
    let end = marker + 1 + length;
    Some(Segment {
        marker: file[marker],
        start: marker - 1,
        end,
        body: file.get(marker + 3..end)?,
    })
}

/// Where the first byte of the marker behind the entropy-coded data of a scan stands.
fn end_of_scan(file: &[u8], start: usize) -> Option<usize> {
    let mut position = start;
    loop {
        let marker = next_marker(file, position)?;
        if !matches!(file[marker], 0x00 | 0xD0..=0xD7) {
            return Some(marker - 1);
        }
        position = marker + 1;
    }
}
