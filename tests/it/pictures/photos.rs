//! What phones and programs make is taken under the limits that a realm has by default.

use std::time::Duration;

use accountd::{
    config,
    pictures::{Kind, Limits, Refusal, render},
};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage, RgbaImage};

use super::{LOSSY, PROGRESSIVE, too_large};
use crate::support::samples;

/// The limits of a realm that says nothing, with time for decoders that are not optimised.
fn default_limits() -> Limits {
    let realm = config::Realm::default();
    Limits {
        kinds: Kind::ALL.to_vec(),
        max_bytes: realm.picture_max_bytes,
        max_side: realm.picture_max_side,
        max_pixels: realm.picture_max_pixels,
        max_memory: realm.picture_max_memory,
        decode_time: Duration::from_mins(1),
    }
}

fn assert_taken(image: impl Into<DynamicImage>, format: ImageFormat) {
    let image = image.into();
    let size = (image.width(), image.height());
    let picture = render(&samples::file(image, format), &default_limits()).unwrap();
    assert_eq!((picture.width, picture.height), size);
}

#[test]
fn the_largest_baseline_jpeg_is_taken() {
    assert_taken(RgbImage::new(4096, 4096), ImageFormat::Jpeg);
}

#[test]
fn a_photo_of_twelve_megapixels_is_taken_and_turned() {
    let jpeg = samples::file(RgbImage::new(4032, 3024), ImageFormat::Jpeg);
    let jpeg = samples::with_exif_orientation(&jpeg, 6);
    let picture = render(&jpeg, &default_limits()).unwrap();
    assert_eq!((picture.width, picture.height), (3024, 4032));
}

#[test]
fn the_largest_png_in_colour_is_taken() {
    assert_taken(RgbImage::new(4096, 4096), ImageFormat::Png);
}

#[test]
fn the_largest_png_with_alpha_is_taken() {
    assert_taken(RgbaImage::new(4096, 4096), ImageFormat::Png);
}

/// A lossy WebP that says another size than it has.
fn lossy_webp(width: u16, height: u16) -> Vec<u8> {
    let start = LOSSY
        .windows(3)
        .position(|code| code == [0x9D, 0x01, 0x2A])
        .unwrap();
    let mut file = LOSSY.to_vec();
    file[start + 3..start + 5].copy_from_slice(&width.to_le_bytes());
    file[start + 5..start + 7].copy_from_slice(&height.to_le_bytes());
    file
}

/// Their data ends early, so only what the headers promise is judged.
#[test]
fn other_forms_are_taken_up_to_what_they_need() {
    let limits = default_limits();
    let grey = samples::file(GrayImage::new(8, 8), ImageFormat::Jpeg);
    for file in [
        samples::with_jpeg_size(PROGRESSIVE, 3900, 2600),
        samples::with_jpeg_size(&grey, 4096, 4096),
        lossy_webp(4032, 3024),
    ] {
        let result = render(&file, &limits);
        let is_too_large = matches!(result, Err(Refusal::TooLarge { .. }));
        assert!(!is_too_large, "{:?}", result.err());
    }
    for file in [
        samples::with_jpeg_size(PROGRESSIVE, 4096, 4096),
        lossy_webp(4096, 4096),
    ] {
        let refused = render(&file, &limits).unwrap_err();
        assert_eq!(refused, too_large("memory", limits.max_memory));
    }
}
