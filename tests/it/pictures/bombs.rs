//! Small files that unpack to much, or that ask for much work.

use std::time::{Duration, Instant};

use accountd::pictures::{Limits, Refusal, render};
use image::{GrayImage, ImageFormat};

use super::{PROGRESSIVE, limits, refused, rendered};
use crate::support::samples;

/// Compressed data that unpacks to 64 MB, from the picture that holds it.
fn bomb() -> (Vec<u8>, Vec<u8>) {
    let png = samples::file(GrayImage::new(8192, 8192), ImageFormat::Png);
    let mut data = Vec::new();
    let mut position = 8;
    while position < png.len() {
        let length = u32::from_be_bytes(png[position..position + 4].try_into().unwrap());
        let end = position + 8 + usize::try_from(length).unwrap();
        if &png[position + 4..position + 8] == b"IDAT" {
            data.extend(&png[position + 8..end]);
        }
        position = end + 4;
    }
    (png, data)
}

#[test]
fn me_06_packed_texts_and_profiles_are_never_unpacked() {
    let (_, data) = bomb();
    assert!(data.len() < 1 << 20);
    let png = samples::png(20, 20);
    let text = [b"Comment\0\0", &data[..]].concat();
    let international = [b"Comment\0\x01\0\0\0", &data[..]].concat();
    let profile = [b"icc\0\0", &data[..]].concat();
    let chunks = [
        samples::png_chunk(*b"iCCP", &profile),
        samples::png_chunk(*b"zTXt", &text),
        samples::png_chunk(*b"iTXt", &international),
    ];
    let file = samples::with_png_chunks(&png, &chunks);
    let started = Instant::now();
    let many = std::iter::repeat_n(chunks.concat(), 10).collect::<Vec<_>>();
    let packed = samples::with_png_chunks(&png, &many);
    let small = Limits {
        max_bytes: 64 << 20,
        // Far less than any of them unpacks to.
        max_memory: 1 << 20,
        ..limits()
    };
    assert_eq!(render(&packed, &small), Ok(rendered(&png)));
    assert_eq!(render(&file, &small), Ok(rendered(&png)));
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[test]
fn me_06_data_beyond_the_picture_is_not_kept_in_memory() {
    let (png, _) = bomb();
    let file = samples::with_png_size(&png, 16, 16);
    let started = Instant::now();
    let small = Limits {
        max_memory: 1 << 20,
        ..limits()
    };
    // Whether it is a picture is the decoder's to say.
    let result = render(&file, &small);
    assert!(matches!(result, Ok(_) | Err(Refusal::Malformed(_))));
    assert!(started.elapsed() < Duration::from_mins(1));
}

/// A file of one scan more for each time that its last is repeated.
fn with_scans(jpeg: &[u8], more: usize) -> Vec<u8> {
    let start = jpeg
        .windows(2)
        .rposition(|pair| pair == [0xFF, 0xDA])
        .unwrap();
    let end = jpeg.len() - 2;
    let mut file = jpeg[..end].to_vec();
    for _ in 0..more {
        file.extend(&jpeg[start..end]);
    }
    file.extend(&jpeg[end..]);
    file
}

#[test]
fn scans_are_bounded_before_they_are_read() {
    let malformed = Refusal::Malformed("it has too many scans".to_owned());
    assert_eq!(refused(&with_scans(PROGRESSIVE, 1000)), malformed);
    assert_eq!(refused(&with_scans(&samples::jpeg(8, 8), 3)), malformed);
    // Few enough for a small picture are too many for a large one.
    let file = with_scans(PROGRESSIVE, 40);
    assert_eq!(rendered(&file).width, 24);
    let large = samples::with_jpeg_size(&file, 5000, 4900);
    assert_eq!(refused(&large), malformed);

    // The most that is let through ends in time.
    let worst = samples::with_jpeg_size(&with_scans(PROGRESSIVE, 2), 5000, 4900);
    let started = Instant::now();
    let roomy = Limits {
        max_memory: 1 << 30,
        ..limits()
    };
    let result = render(&worst, &roomy);
    assert_ne!(result, Err(malformed));
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[test]
fn tables_are_bounded() {
    let jpeg = samples::jpeg(8, 8);
    let table = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC4])
        .unwrap();
    let length = usize::from(u16::from_be_bytes([jpeg[table + 2], jpeg[table + 3]]));
    let body = jpeg[table + 4..table + 2 + length].to_vec();
    let few = vec![(0xC4, body.clone()); 20];
    assert_eq!(
        rendered(&samples::with_segments(&jpeg, &few)),
        rendered(&jpeg)
    );
    let many = vec![(0xC4, body); 10_000];
    let file = samples::with_segments(&jpeg, &many);
    assert!(matches!(refused(&file), Refusal::Malformed(_)));
}

#[test]
fn time_is_bounded() {
    let none = Limits {
        decode_time: Duration::ZERO,
        ..limits()
    };
    for file in [samples::jpeg(8, 8), samples::png(8, 8), samples::webp(8, 8)] {
        let most = Duration::ZERO;
        assert_eq!(render(&file, &none), Err(Refusal::TooSlow { most }));
    }
    // Nothing of this size is decoded in a millisecond; the reader ends it on the way.
    let most = Duration::from_millis(1);
    let little = Limits {
        decode_time: most,
        max_pixels: 1 << 26,
        ..limits()
    };
    let (png, _) = bomb();
    let started = Instant::now();
    assert_eq!(render(&png, &little), Err(Refusal::TooSlow { most }));
    assert!(started.elapsed() < Duration::from_mins(1));
}
