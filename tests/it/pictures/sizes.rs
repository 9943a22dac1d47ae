//! Limits of size, by the header before anything is unpacked.

use std::time::{Duration, Instant};

use accountd::pictures::{Kind, Limits, Refusal, render};
use image::{ImageFormat, codecs::jpeg::JpegEncoder};

use super::{ANIMATED, LOSSY, PROGRESSIVE, decoded, limits, refused, rendered, too_large};
use crate::support::samples;

#[test]
fn me_04_a_header_of_65_535_pixels_a_side_is_refused_at_once() {
    let files = [
        samples::with_jpeg_size(&samples::jpeg(8, 8), u16::MAX, u16::MAX),
        samples::with_jpeg_size(PROGRESSIVE, u16::MAX, u16::MAX),
        samples::with_png_size(&samples::png(8, 8), 65_535, 65_535),
        samples::with_png_size(&samples::png(8, 8), u32::MAX, u32::MAX),
        samples::webp_of(&[
            samples::webp_header(0x02, 65_535, 65_535),
            ANIMATED[30..].to_vec(),
        ]),
    ];
    for file in files {
        // The best of a few, since a machine under load stops any of them.
        let times = (0..9).map(|_| {
            let started = Instant::now();
            assert_eq!(refused(&file), too_large("side", 8192));
            started.elapsed()
        });
        let best = times.min().unwrap();
        assert!(best < Duration::from_millis(5), "{best:?}");
    }
}

#[test]
fn an_image_larger_than_its_canvas_is_refused_unread() {
    let image = LOSSY[12..].to_vec();
    let file = samples::webp_of(&[samples::webp_header(0, 8, 8), image.clone()]);
    assert!(matches!(refused(&file), Refusal::Malformed(_)));

    let mut frame = vec![0, 0, 0, 0, 0, 0, 7, 0, 0, 7, 0, 0, 1, 0, 0, 0];
    frame.extend(&image);
    let file = samples::webp_of(&[
        samples::webp_header(0x02, 8, 8),
        samples::webp_chunk(*b"ANIM", &[0; 6]),
        samples::webp_chunk(*b"ANMF", &frame),
    ]);
    assert!(matches!(refused(&file), Refusal::Malformed(_)));
}

#[test]
fn each_limit_is_named() {
    let file = samples::png(100, 50);
    let bytes = file.len() as u64;
    for limit in ["bytes", "side", "pixels", "memory"] {
        let mut limits = limits();
        match limit {
            "bytes" => limits.max_bytes = 99,
            "side" => limits.max_side = 99,
            "pixels" => limits.max_pixels = 99,
            _ => limits.max_memory = 99,
        }
        assert_eq!(render(&file, &limits), Err(too_large(limit, 99)));
    }
    let exact = Limits {
        max_bytes: bytes,
        max_side: 100,
        max_pixels: 5000,
        ..limits()
    };
    assert!(render(&file, &exact).is_ok());
}

/// The same picture costs more in the forms that decoders need more memory for.
#[test]
fn memory_is_counted_by_the_form() {
    let deep = image::DynamicImage::from(samples::transparent(1000, 1000)).to_rgba16();
    let deep = samples::file(deep, ImageFormat::Png);
    let shallow = samples::transparent_png(1000, 1000);
    let progressive = samples::with_jpeg_size(PROGRESSIVE, 1000, 1000);
    let baseline = samples::jpeg(1000, 1000);
    for (file, million_bytes, is_taken) in [
        (&baseline, 2, false),
        (&baseline, 4, true),
        (&progressive, 4, false),
        (&progressive, 9, true),
        (&shallow, 3, false),
        (&shallow, 4, true),
        (&deep, 7, false),
        (&deep, 8, true),
    ] {
        let limits = Limits {
            max_memory: million_bytes * 1_000_000,
            ..limits()
        };
        let result = render(file, &limits);
        if is_taken {
            assert!(result.is_ok(), "{million_bytes}: {result:?}");
        } else {
            assert!(result == Err(too_large("memory", limits.max_memory)));
        }
    }
}

/// A few bytes of lossless WebP can describe tables of kilobytes.
#[test]
fn tables_of_lossless_webp_count_as_memory() {
    let mut body = samples::webp(8, 8)[20..].to_vec();
    body.resize(2_000_000, 0);
    let file = samples::webp_of(&[samples::webp_chunk(*b"VP8L", &body)]);
    assert_eq!(refused(&file), too_large("memory", limits().max_memory));
}

/// Noise, which no encoder makes small.
fn noisy_jpeg(quality: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode_image(&samples::noise(200, 200))
        .unwrap();
    jpeg
}

#[test]
fn what_is_kept_has_a_limit_too() {
    let jpeg = noisy_jpeg(30);
    // Encoded again it would be larger than it came.
    let tight = Limits {
        max_bytes: jpeg.len() as u64,
        ..limits()
    };
    assert_eq!(
        render(&jpeg, &tight),
        Err(too_large("stored_bytes", tight.max_bytes))
    );

    let jpeg = noisy_jpeg(80);
    let tight = Limits {
        max_bytes: jpeg.len() as u64,
        ..limits()
    };
    let picture = render(&jpeg, &tight).unwrap();
    assert!(picture.full.len() as u64 <= tight.max_bytes);
}

/// A palette takes a third of the bytes that its colours take.
#[test]
fn an_opaque_png_that_becomes_too_large_is_kept_as_jpeg() {
    let opaque = samples::palette_png(200, 200, false);
    let roomy = rendered(&opaque);
    assert_eq!(roomy.kind, Kind::Png);
    let tight = Limits {
        max_bytes: opaque.len() as u64,
        ..limits()
    };
    assert!(roomy.full.len() as u64 > tight.max_bytes);
    let picture = render(&opaque, &tight).unwrap();
    assert_eq!(picture.kind, Kind::Jpeg);
    for file in [&picture.full, &picture.square_512, &picture.square_128] {
        assert_eq!(Kind::of(file), Some(Kind::Jpeg));
    }

    // Alpha cannot be kept as JPEG.
    let transparent = samples::palette_png(200, 200, true);
    let tight = Limits {
        max_bytes: transparent.len() as u64,
        ..limits()
    };
    assert_eq!(
        render(&transparent, &tight),
        Err(too_large("stored_bytes", tight.max_bytes))
    );
}

#[test]
fn pictures_without_pixels_are_refused() {
    for file in [
        samples::with_png_size(&samples::png(8, 8), 0, 8),
        samples::with_jpeg_size(&samples::jpeg(8, 8), 8, 0),
    ] {
        assert!(matches!(refused(&file), Refusal::Malformed(_)));
    }
    assert_eq!(decoded(&samples::png(8, 8)).width(), 8);
}
