//! Of an animation, the first frame is all that costs anything.

use std::time::{Duration, Instant};

use super::{ANIMATED, decoded, rendered};
use crate::support::samples;

const FRAMES: u32 = 10_000;

#[test]
fn me_05_ten_thousand_frames_cost_as_much_as_one() {
    let started = Instant::now();
    let png = samples::png(24, 16);
    let mut chunks = vec![samples::png_chunk(
        *b"acTL",
        &[FRAMES.to_be_bytes(), [0; 4]].concat(),
    )];
    let data = png.windows(4).position(|kind| kind == b"IDAT").unwrap() + 4;
    for frame in 0..FRAMES {
        let mut control = (2 * frame).to_be_bytes().to_vec();
        control.extend([
            0, 0, 0, 24, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0,
        ]);
        chunks.push(samples::png_chunk(*b"fcTL", &control));
        let mut body = (2 * frame + 1).to_be_bytes().to_vec();
        body.extend(&png[data..data + 40]);
        chunks.push(samples::png_chunk(*b"fdAT", &body));
    }
    let animated = samples::with_png_chunks(&png, &chunks);
    assert_eq!(rendered(&animated), rendered(&png));

    // The first of its frames again and again.
    let frame = ANIMATED
        .windows(4)
        .position(|kind| kind == b"ANMF")
        .unwrap();
    let size = u32::from_le_bytes(ANIMATED[frame + 4..frame + 8].try_into().unwrap());
    let frame_end = frame + 8 + usize::try_from(size).unwrap();
    let mut chunks = vec![ANIMATED[12..frame].to_vec()];
    chunks.extend((0..FRAMES).map(|_| ANIMATED[frame..frame_end].to_vec()));
    let animated = samples::webp_of(&chunks);
    assert_eq!(rendered(&animated), rendered(ANIMATED));
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[test]
fn the_first_frame_of_a_webp_is_what_is_kept() {
    let expected = decoded(ANIMATED);
    let picture = rendered(ANIMATED);
    assert_eq!(decoded(&picture.full).to_rgba8(), expected.to_rgba8());
}
