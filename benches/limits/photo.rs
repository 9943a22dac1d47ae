//! Files like those of a camera: large shapes, smaller ones in them, and grain.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "colours and places are nowhere near the bounds of their types"
)]

use bytes::Bytes;
use image::{ExtendedColorType, ImageEncoder as _, codecs::jpeg::JpegEncoder};

/// Quality of the files, which is that of the pictures that accountd keeps: so they keep their size.
pub(crate) const QUALITY: u8 = 85;
/// Sides of the shapes in pixels, and how much each kind changes the brightness.
const SHAPES: [(u32, f32); 4] = [(512, 60.0), (128, 30.0), (32, 14.0), (8, 7.0)];
/// The most that grain may change it.
const GRAIN: f32 = 60.0;
/// How often the grain is corrected until the size fits.
const TRIES: usize = 9;

/// A JPEG of four by three, so many pixels high and with as much grain as makes it almost so many bytes.
pub(crate) fn jpeg_of(bytes: usize, height: u32, quality: u8) -> Bytes {
    let (mut least, mut most) = (0.0, GRAIN);
    let mut best = Bytes::new();
    for _ in 0..TRIES {
        let grain = f32::midpoint(least, most);
        let file = jpeg(height / 3 * 4, height, quality, grain);
        if file.len() > bytes {
            most = grain;
        } else {
            least = grain;
            best = file;
        }
    }
    assert!(best.len() > bytes / 20 * 19, "no grain makes {bytes} bytes");
    best
}

fn jpeg(width: u32, height: u32, quality: u8, grain: f32) -> Bytes {
    let mut samples = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                samples.push(sample(x, y, channel, grain));
            }
        }
    }
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, quality)
        .write_image(&samples, width, height, ExtendedColorType::Rgb8)
        .unwrap();
    Bytes::from(file)
}

fn sample(x: u32, y: u32, channel: u32, grain: f32) -> u8 {
    let mut sum = 128.0 + (chance(x, y, 1) - 0.5) * 2.0 * grain;
    for (side, strength) in SHAPES {
        // Small shapes have no colour of their own.
        let channel = if side > 32 { channel } else { 0 };
        sum += (shape(x, y, side, channel) - 0.5) * 2.0 * strength;
    }
    sum as u8
}

/// Between 0 and 1: chance at the corners of a grid, and straight between them.
fn shape(x: u32, y: u32, side: u32, channel: u32) -> f32 {
    let [part_x, part_y] = [x, y].map(|place| (place % side) as f32 / side as f32);
    let corner = |right, below| chance(x / side + right, y / side + below, side * 4 + channel);
    let above = corner(0, 0) * (1.0 - part_x) + corner(1, 0) * part_x;
    let below = corner(0, 1) * (1.0 - part_x) + corner(1, 1) * part_x;
    above * (1.0 - part_y) + below * part_y
}

/// Between 0 and 1, always the same for the same place.
fn chance(x: u32, y: u32, kind: u32) -> f32 {
    let mut bits =
        x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ kind.wrapping_mul(0xC2B2_AE3D);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
    bits = (bits ^ (bits >> 12)).wrapping_mul(0x297A_2D39);
    (bits >> 16) as f32 / 65_536.0
}
