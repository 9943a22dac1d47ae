//! Hostile files in, safe pictures out.

mod animation;
mod bombs;
mod content;
mod damage;
mod leftovers;
mod orientation;
mod photos;
mod sizes;
mod spool;
mod squares;
mod studio;

use std::time::Duration;

use accountd::pictures::{Kind, Limits, Picture, Refusal, render};
use image::DynamicImage;

/// Small files by other encoders, of the forms that the one in our tests does not make.
const PROGRESSIVE: &[u8] = include_bytes!("pictures/files/progressive.jpg");
const CMYK: &[u8] = include_bytes!("pictures/files/cmyk.jpg");
const PALETTE: &[u8] = include_bytes!("pictures/files/palette.png");
const LOSSY: &[u8] = include_bytes!("pictures/files/lossy.webp");
const LOSSY_ALPHA: &[u8] = include_bytes!("pictures/files/lossy_alpha.webp");
const ANIMATED: &[u8] = include_bytes!("pictures/files/animated.webp");

/// Limits of a service that is not stingy.
fn limits() -> Limits {
    Limits {
        kinds: Kind::ALL.to_vec(),
        max_bytes: 5 << 20,
        max_side: 8192,
        max_pixels: 25_000_000,
        max_memory: 384 << 20,
        decode_time: Duration::from_mins(1),
    }
}

fn rendered(file: &[u8]) -> Picture {
    render(file, &limits()).unwrap()
}

fn refused(file: &[u8]) -> Refusal {
    render(file, &limits()).unwrap_err()
}

fn decoded(file: &[u8]) -> DynamicImage {
    image::load_from_memory(file).unwrap()
}

fn too_large(limit: &'static str, most: u64) -> Refusal {
    Refusal::TooLarge { limit, most }
}

fn contains(file: &[u8], words: &[u8]) -> bool {
    file.windows(words.len()).any(|window| window == words)
}
