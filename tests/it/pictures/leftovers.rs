//! Nothing of the file but its pixels is kept.

use accountd::pictures::Picture;

use super::{PROGRESSIVE, contains, rendered};
use crate::support::samples;

fn files(picture: &Picture) -> [&[u8]; 3] {
    [&picture.full, &picture.square_512, &picture.square_128]
}

#[test]
fn me_02_what_stands_behind_the_end_is_gone() {
    let tails: [&[u8]; 2] = [b"<script>alert(1)</script>", b"PK\x03\x04payload.js"];
    for clean in [
        samples::jpeg(30, 20),
        PROGRESSIVE.to_vec(),
        samples::png(30, 20),
        samples::webp(30, 20),
    ] {
        let expected = rendered(&clean);
        for tail in tails {
            let picture = rendered(&[&clean, tail].concat());
            assert_eq!(picture, expected);
            assert!(!files(&picture).into_iter().any(|file| contains(file, tail)));
        }
    }
}

#[test]
fn me_03_places_profiles_and_comments_are_gone() {
    let clean = samples::jpeg(30, 20);
    let hidden = samples::with_gps(&clean);
    assert!(contains(&hidden, samples::PLACE));
    // A profile of 2 MB, in the pieces that a JPEG may hold.
    let profile = (1..=32).map(|piece| {
        let mut body = b"ICC_PROFILE\0".to_vec();
        body.extend([piece, 32]);
        body.resize(65_500, b'P');
        (0xE2, body)
    });
    let hidden = samples::with_segments(&hidden, &profile.collect::<Vec<_>>());
    assert!(hidden.len() > 2_000_000);
    assert_clean(&rendered(&hidden), &rendered(&clean));

    let clean = samples::png(30, 20);
    let text = [b"Comment\0", samples::PLACE].concat();
    let mut xmp = b"XML:com.adobe.xmp\0\0\0\0\0".to_vec();
    xmp.extend(samples::PLACE);
    let profile = [b"icc\0\0", &vec![b'P'; 2_000_000][..]].concat();
    let chunks = [
        samples::png_chunk(*b"iCCP", &profile),
        samples::png_chunk(*b"tEXt", &text),
        samples::png_chunk(*b"iTXt", &xmp),
        samples::png_chunk(*b"eXIf", samples::PLACE),
    ];
    let hidden = samples::with_png_chunks(&clean, &chunks);
    assert_clean(&rendered(&hidden), &rendered(&clean));

    let clean = samples::webp(30, 20);
    let hidden = samples::webp_of(&[
        samples::webp_header(0x2C, 30, 20),
        samples::webp_chunk(*b"ICCP", &vec![b'P'; 2_000_000]),
        clean[12..].to_vec(),
        samples::webp_chunk(*b"EXIF", samples::PLACE),
        samples::webp_chunk(*b"XMP ", samples::PLACE),
    ]);
    assert_clean(&rendered(&hidden), &rendered(&clean));
}

fn assert_clean(picture: &Picture, expected: &Picture) {
    assert_eq!(picture, expected);
    for file in files(picture) {
        for word in [
            samples::PLACE,
            b"Exif",
            b"eXIf",
            b"ICC",
            b"iCCP",
            b"XML",
            b"http",
        ] {
            assert!(!contains(file, word), "{}", word.escape_ascii());
        }
    }
}
