//! One file in, one picture out.

use super::{
    Kind, Limits, Picture, Refusal, decode::decode, encode::encode, encode::encode_square,
    sift::sift, square::square, time_limit::TimeLimit,
};

/// Renders a file: recognised by its content, decoded within the limits, upright, and encoded anew from its pixels
/// alone. It blocks while it decodes, for which it may take `limits.decode_time` of a processor, and while it encodes,
/// whose work is bounded by the number of pixels.
///
/// Refused are other kinds than `limits.kinds`, whatever exceeds a limit, and damaged files. A panic of a decoder is
/// the caller's to catch; [`super::Studio`] does.
pub fn render(file: &[u8], limits: &Limits) -> Result<Picture, Refusal> {
    let time = TimeLimit::start(limits.decode_time);
    let kind = Kind::of(file)
        .filter(|kind| limits.kinds.contains(kind))
        .ok_or(Refusal::Kind)?;
    if file.len() as u64 > limits.max_bytes {
        return Err(Refusal::TooLarge {
            limit: "bytes",
            most: limits.max_bytes,
        });
    }
    let sifted = sift(kind, file)?;
    sifted.check(limits)?;
    let pixels = decode(kind, sifted, limits, time)?;
    let (stored, full) = encode(&pixels, kind, limits.max_bytes)?;
    let large = square(&pixels, 512);
    let (width, height) = (pixels.width, pixels.height);
    drop(pixels);
    // A quarter of the larger one is as good as one from the full picture, and takes no time.
    let small = square(&large, 128);
    let square_512 = encode_square(&large, stored)?;
    let square_128 = encode_square(&small, stored)?;
    Ok(Picture {
        kind: stored,
        width,
        height,
        full,
        square_512,
        square_128,
    })
}
