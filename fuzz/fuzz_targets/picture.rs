//! Any bytes in: a refusal, or a picture that keeps what it promises. Never a panic.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;

use source::pictures::{self, Kind, Limits, render};

#[path = "../../src"]
mod source {
    #[allow(dead_code, unused_imports, reason = "rendering alone is under test")]
    pub mod pictures;
}

#[path = "../../src/backend"]
mod backend {
    #[allow(dead_code, reason = "as above")]
    pub mod threads;
}

/// A megapixel is enough to reach every line, and keeps one input from taking the time of thousands.
const MAX_PIXELS: u64 = 1 << 20;

fuzz_target!(|file: &[u8]| {
    let limits = Limits {
        kinds: Kind::ALL.to_vec(),
        max_bytes: 1 << 20,
        max_side: 4096,
        max_pixels: MAX_PIXELS,
        max_memory: 64 << 20,
        decode_time: Duration::from_secs(5),
    };
    let Ok(picture) = render(file, &limits) else {
        return;
    };
    assert!(matches!(picture.kind, Kind::Jpeg | Kind::Png));
    assert!(picture.width.max(picture.height) <= limits.max_side);
    assert!(u64::from(picture.width) * u64::from(picture.height) <= MAX_PIXELS);
    assert!(picture.full.len() as u64 <= limits.max_bytes);
    let shorter = picture.width.min(picture.height);
    for (file, width, height) in [
        (&picture.full, picture.width, picture.height),
        (&picture.square_512, shorter.min(512), shorter.min(512)),
        (&picture.square_128, shorter.min(128), shorter.min(128)),
    ] {
        assert_eq!(Kind::of(file), Some(picture.kind));
        let image = image::load_from_memory(file).expect("what is kept can be read");
        assert_eq!((image.width(), image.height()), (width, height));
    }
});
