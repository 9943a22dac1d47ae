//! One file in, one picture out.

use super::{
    Kind, Limits, Picture, Refusal, decode::decode, encode::encode, encode::encode_as, sift::sift,
    square::square, time_limit::TimeLimit,
};

/// Renders a file: recognised by its content, decoded within the limits, upright, and encoded anew from its pixels
/// alone. It blocks for as long as `limits.decode_time` allows; the step that is running then may end first.
///
/// Refused are other kinds than `limits.kinds`, whatever exceeds a limit, and damaged files. A panic of a decoder is
/// the caller's to catch; [`super::Studio`] does.
pub fn render(file: &[u8], limits: &Limits) -> Result<Picture, Refusal> {
    let time = TimeLimit::start(limits.decode_time);
    let kind = Kind::of(file)
        .filter(|kind| limits.kinds.contains(kind))
        .ok_or(Refusal::Kind)?;
    let file_bytes = file.len() as u64;
    if file_bytes > limits.max_bytes {
        return Err(Refusal::TooLarge {
            limit: "bytes",
            most: limits.max_bytes,
        });
    }
    let sifted = sift(kind, file)?;
    sifted.check(file_bytes, limits)?;
    let pixels = decode(kind, sifted, limits, time)?;
    time.check()?;
    let (stored, full) = encode(&pixels, kind, limits.max_bytes)?;
    time.check()?;
    let large = square(&pixels, 512);
    let (width, height) = (pixels.width, pixels.height);
    drop(pixels);
    // A quarter of the larger one is as good as one from the full picture, and takes no time.
    let small = square(&large, 128);
    let encode_square = |square| {
        let file = encode_as(square, stored, u64::MAX)?;
        file.ok_or_else(Refusal::damaged)
    };
    let square_512 = encode_square(&large)?;
    let square_128 = encode_square(&small)?;
    time.check()?;
    Ok(Picture {
        kind: stored,
        width,
        height,
        full,
        square_512,
        square_128,
    })
}
