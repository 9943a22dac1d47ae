//! Damaged files: an error or a picture, never a panic.

use accountd::pictures::{Kind, Picture, Refusal, render};

use super::{ANIMATED, CMYK, LOSSY, LOSSY_ALPHA, PALETTE, PROGRESSIVE, decoded, limits, refused};
use crate::support::samples;

fn files() -> Vec<Vec<u8>> {
    let mut files = vec![
        samples::with_exif_orientation(&samples::jpeg(17, 9), 6),
        samples::png(17, 9),
        samples::transparent_png(5, 9),
        samples::webp(17, 9),
        samples::transparent_webp(5, 9),
    ];
    let others = [ANIMATED, CMYK, LOSSY, LOSSY_ALPHA, PALETTE, PROGRESSIVE];
    files.extend(others.map(<[u8]>::to_vec));
    files
}

fn assert_sound(result: Result<Picture, Refusal>) {
    if let Ok(picture) = result {
        let image = decoded(&picture.full);
        assert_eq!(
            (image.width(), image.height()),
            (picture.width, picture.height)
        );
    }
}

#[test]
fn me_13_every_truncation_ends_in_an_error() {
    for file in files() {
        for length in 0..file.len() {
            let cut = &file[..length];
            match refused(cut) {
                Refusal::Kind => assert_eq!(Kind::of(cut), None),
                refusal => assert!(matches!(refusal, Refusal::Malformed(_)), "{refusal:?}"),
            }
        }
    }
}

#[test]
fn me_13_mutations_end_in_an_error_or_a_picture() {
    let mut small = limits();
    small.max_pixels = 1 << 16;
    small.max_memory = 8 << 20;
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 16).unwrap() % below
    };
    let files = files();
    for _ in 0..4000 {
        let mut file = files[random(files.len())].clone();
        for _ in 0..=random(4) {
            let place = random(file.len());
            match random(4) {
                0 => file[place] ^= 1 << random(8),
                1 => file[place] = [0, 1, 0x7F, 0x80, 0xFF][random(5)],
                2 => {
                    let end = (place + random(16)).min(file.len());
                    let piece = file[place..end].to_vec();
                    let at = random(file.len());
                    file.splice(at..at, piece);
                }
                _ => {
                    let end = (place + random(8)).min(file.len() - 1);
                    file.drain(place.min(end)..end);
                }
            }
        }
        assert_sound(render(&file, &small));
    }
}
