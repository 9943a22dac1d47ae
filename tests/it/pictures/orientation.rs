//! Pictures stand upright, and say no more about how they were held.

use image::{DynamicImage, ImageFormat};

use super::{decoded, rendered};
use crate::support::samples;

/// How the red quarter in the upper left of the file moves: whether it is then left, and upper.
const RED_IS: [(bool, bool); 8] = [
    (true, true),
    (false, true),
    (false, false),
    (true, false),
    (true, true),
    (false, true),
    (false, false),
    (true, false),
];

fn assert_upright(file: &[u8], orientation: u16) {
    let picture = rendered(file);
    let is_turned = orientation > 4;
    let size = if is_turned { (32, 64) } else { (64, 32) };
    assert_eq!((picture.width, picture.height), size, "{orientation}");
    let image = decoded(&picture.full);
    assert_eq!((image.width(), image.height()), size, "{orientation}");
    let (left, upper) = RED_IS[usize::from(orientation) - 1];
    let x = if left { size.0 / 4 } else { size.0 * 3 / 4 };
    let y = if upper { size.1 / 4 } else { size.1 * 3 / 4 };
    let pixel = image.to_rgb8().get_pixel(x, y).0;
    assert!(pixel[0] > 200 && pixel[1] < 60, "{orientation}: {pixel:?}");
}

#[test]
fn all_eight_orientations_are_applied() {
    let jpeg = samples::jpeg(64, 32);
    let png = samples::png(64, 32);
    let webp = samples::webp(64, 32);
    for orientation in 1..=8 {
        assert_upright(
            &samples::with_exif_orientation(&jpeg, orientation),
            orientation,
        );
        let exif = samples::exif_orientation(orientation);
        let chunk = samples::png_chunk(*b"eXIf", &exif);
        assert_upright(&samples::with_png_chunks(&png, &[chunk]), orientation);
        let webp = samples::webp_of(&[
            samples::webp_header(0x08, 64, 32),
            webp[12..].to_vec(),
            samples::webp_chunk(*b"EXIF", &exif),
        ]);
        assert_upright(&webp, orientation);
    }
}

/// The five and the seven differ from the six and the eight by a mirror that the red quarter alone does not show.
#[test]
fn turning_is_exact() {
    let image = samples::picture(6, 4);
    let png = samples::file(image.clone(), ImageFormat::Png);
    for orientation in 1..=8 {
        let chunk = samples::png_chunk(*b"eXIf", &samples::exif_orientation(orientation));
        let picture = rendered(&samples::with_png_chunks(&png, &[chunk]));
        let image = DynamicImage::from(image.clone());
        let expected = match orientation {
            2 => image.fliph(),
            3 => image.rotate180(),
            4 => image.flipv(),
            5 => image.rotate90().fliph(),
            6 => image.rotate90(),
            7 => image.rotate270().fliph(),
            8 => image.rotate270(),
            _ => image,
        };
        assert_eq!(decoded(&picture.full), expected, "{orientation}");
    }
}

#[test]
fn an_orientation_that_does_not_exist_changes_nothing() {
    let jpeg = samples::jpeg(64, 32);
    for orientation in [0, 9, u16::MAX] {
        let file = samples::with_exif_orientation(&jpeg, orientation);
        assert_eq!(rendered(&file), rendered(&jpeg));
    }
}
