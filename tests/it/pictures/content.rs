//! What a file is, is what it holds.

use accountd::pictures::{Kind, Refusal, render};
use image::ColorType;

use super::{CMYK, LOSSY, LOSSY_ALPHA, PALETTE, PROGRESSIVE, decoded, limits, refused, rendered};
use crate::support::samples;

#[test]
fn me_01_other_kinds_are_refused_by_their_content() {
    let files: [&[u8]; 10] = [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        b"<?xml version=\"1.0\"?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n1 0 obj",
        b"II\x2A\0\x08\0\0\0\0\0",
        b"MM\0\x2A\0\0\0\x08\0\0",
        b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0",
        b"GIF89a/*\x01\0\x01\0*/=1;alert(1)",
        b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0",
        b"",
    ];
    for file in files {
        assert_eq!(refused(file), Refusal::Kind, "{}", file.escape_ascii());
        assert_eq!(Kind::of(file), None);
    }
}

#[test]
fn only_the_kinds_asked_for_are_taken() {
    let mut limits = limits();
    limits.kinds = vec![Kind::Png, Kind::Webp];
    assert_eq!(render(&samples::jpeg(8, 8), &limits), Err(Refusal::Kind));
    assert!(render(&samples::png(8, 8), &limits).is_ok());
}

#[test]
fn media_types_are_read_as_clients_write_them() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.media_type()), Some(kind));
    }
    assert_eq!(Kind::parse("IMAGE/Jpeg; q=1"), Some(Kind::Jpeg));
    assert_eq!(Kind::parse(" image/jpg "), Some(Kind::Jpeg));
    for other in ["", "image/svg+xml", "image/gif", "text/html", "image/*"] {
        assert_eq!(Kind::parse(other), None, "{other}");
    }
}

#[test]
fn each_kind_is_kept_in_its_form() {
    let cases = [
        (samples::jpeg(40, 30), Kind::Jpeg, ColorType::Rgb8),
        (PROGRESSIVE.to_vec(), Kind::Jpeg, ColorType::Rgb8),
        (CMYK.to_vec(), Kind::Jpeg, ColorType::Rgb8),
        (samples::png(40, 30), Kind::Png, ColorType::Rgb8),
        (
            samples::transparent_png(40, 30),
            Kind::Png,
            ColorType::Rgba8,
        ),
        (PALETTE.to_vec(), Kind::Png, ColorType::Rgba8),
        (samples::webp(40, 30), Kind::Jpeg, ColorType::Rgb8),
        (LOSSY.to_vec(), Kind::Jpeg, ColorType::Rgb8),
        (
            samples::transparent_webp(40, 30),
            Kind::Png,
            ColorType::Rgba8,
        ),
        (LOSSY_ALPHA.to_vec(), Kind::Png, ColorType::Rgba8),
    ];
    for (place, (file, kind, color)) in cases.into_iter().enumerate() {
        let picture = rendered(&file);
        assert_eq!(picture.kind, kind, "{place}");
        let before = decoded(&file);
        for file in [&picture.full, &picture.square_512, &picture.square_128] {
            assert_eq!(Kind::of(file), Some(kind), "{place}");
            assert_eq!(decoded(file).color(), color, "{place}");
        }
        let after = decoded(&picture.full);
        assert_eq!(
            (after.width(), after.height()),
            (before.width(), before.height())
        );
        if kind == Kind::Png && color == ColorType::Rgba8 {
            assert_eq!(after.to_rgba8(), before.to_rgba8(), "{place}");
        }
    }
}

#[test]
fn grey_stays_grey() {
    let grey = image::DynamicImage::from(samples::picture(20, 20)).to_luma8();
    for format in [image::ImageFormat::Jpeg, image::ImageFormat::Png] {
        let picture = rendered(&samples::file(grey.clone(), format));
        assert_eq!(decoded(&picture.full).color(), ColorType::L8);
        assert_eq!(decoded(&picture.square_128).color(), ColorType::L8);
    }
    let alpha = image::DynamicImage::from(samples::transparent(20, 20)).to_luma_alpha8();
    let picture = rendered(&samples::file(alpha.clone(), image::ImageFormat::Png));
    assert_eq!(decoded(&picture.full).to_luma_alpha8(), alpha);
    assert_eq!(decoded(&picture.full).color(), ColorType::La8);
}

#[test]
fn sixteen_bits_become_eight() {
    let image = image::DynamicImage::from(samples::transparent(20, 10));
    let deep = samples::file(image.to_rgba16(), image::ImageFormat::Png);
    let full = decoded(&rendered(&deep).full);
    assert_eq!(full.color(), ColorType::Rgba8);
    assert_eq!(full.to_rgba8(), image.to_rgba8());
}

#[test]
fn alpha_that_is_opaque_everywhere_is_dropped() {
    let image = image::DynamicImage::from(samples::picture(20, 10)).to_rgba8();
    let picture = rendered(&samples::file(image.clone(), image::ImageFormat::Png));
    let full = decoded(&picture.full);
    assert_eq!(full.color(), ColorType::Rgb8);
    assert_eq!(full.to_rgba8(), image);
    let picture = rendered(&samples::file(image, image::ImageFormat::WebP));
    assert_eq!(picture.kind, Kind::Jpeg);
}
