//! The two squares beside the full picture.

use image::{DynamicImage, GenericImageView as _, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::{decoded, rendered};
use crate::support::samples;

#[test]
fn squares_are_never_larger_than_the_picture() {
    for (width, height, large, small) in [
        (1, 1, 1, 1),
        (1, 700, 1, 1),
        (100, 300, 100, 100),
        (129, 128, 128, 128),
        (512, 513, 512, 128),
        (600, 700, 512, 128),
    ] {
        let picture = rendered(&samples::png(width, height));
        assert_eq!((picture.width, picture.height), (width, height));
        assert_eq!(decoded(&picture.full).dimensions(), (width, height));
        assert_eq!(decoded(&picture.square_512).dimensions(), (large, large));
        assert_eq!(decoded(&picture.square_128).dimensions(), (small, small));
    }
}

#[test]
fn squares_are_cut_from_the_middle() {
    // White in the middle, black at both ends, which must not be seen.
    let wide = RgbImage::from_fn(900, 300, |x, _| {
        Rgb([if (300..600).contains(&x) { 255 } else { 0 }; 3])
    });
    let tall = DynamicImage::from(wide.clone()).rotate90();
    for image in [wide.into(), tall] {
        let picture = rendered(&samples::file(image, ImageFormat::Png));
        for square in [&picture.square_512, &picture.square_128] {
            let square = decoded(square).to_rgb8();
            assert!(square.pixels().all(|pixel| pixel.0 == [255; 3]));
        }
    }
}

#[test]
fn each_pixel_is_the_mean_of_what_it_covers() {
    // 768 pixels to 512: each covers one and a half of them.
    let image = RgbImage::from_fn(768, 768, |x, _| Rgb([if x % 3 == 1 { 120 } else { 0 }; 3]));
    let square = decoded(&rendered(&samples::file(image, ImageFormat::Png)).square_512);
    assert!(square.to_rgb8().pixels().all(|pixel| pixel.0 == [40; 3]));
}

#[test]
fn what_is_transparent_does_not_tint() {
    let image = RgbaImage::from_fn(1024, 1024, |x, _| {
        if x % 2 == 0 {
            Rgba([200, 100, 50, 255])
        } else {
            Rgba([0, 255, 0, 0])
        }
    });
    let square = decoded(&rendered(&samples::file(image, ImageFormat::Png)).square_512);
    let square = square.to_rgba8();
    assert!(square.pixels().all(|pixel| pixel.0 == [200, 100, 50, 128]));
}
