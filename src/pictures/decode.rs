//! From what was kept of a file to pixels.

use image::{
    ColorType, ImageDecoder, ImageError, ImageResult,
    codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};

use super::{
    Kind, Limits, Refusal, pixels::Pixels, sift::Sifted, source::Source, time_limit::TimeLimit,
};

/// Decodes to 8 bits a sample, upright, and without an alpha channel that says nothing.
pub(super) fn decode(
    kind: Kind,
    sifted: Sifted<'_>,
    limits: &Limits,
    time: TimeLimit,
) -> Result<Pixels, Refusal> {
    let orientation = sifted.exif.and_then(Orientation::from_exif_chunk);
    let size = (sifted.width, sifted.height);
    let source = Source::new(sifted.parts, time);
    let bounds = bounds(limits);
    let decoded = match kind {
        Kind::Jpeg => JpegDecoder::new(source).map(|decoder| read(decoder, size, bounds)),
        Kind::Png => PngDecoder::with_limits(source, bounds.clone())
            .map(|decoder| read(decoder, size, bounds)),
        Kind::Webp => WebPDecoder::new(source).map(|decoder| read(decoder, size, bounds)),
    };
    // A decoder that makes the best of a source that failed has not succeeded.
    time.check()?;
    let mut pixels = decoded
        .and_then(|read| read)
        .map_err(|error| refusal(&error, limits))?
        .ok_or_else(Refusal::contradictory)?;
    pixels.drop_opaque_alpha();
    let pixels = pixels.oriented(orientation.unwrap_or(Orientation::NoTransforms));
    pixels.ok_or_else(Refusal::damaged)
}

/// The same limits for the decoders themselves, should they find another size than the headers promised.
fn bounds(limits: &Limits) -> image::Limits {
    let mut bounds = image::Limits::no_limits();
    bounds.max_image_width = Some(limits.max_side);
    bounds.max_image_height = Some(limits.max_side);
    bounds.max_alloc = Some(limits.max_memory);
    bounds
}

/// `None` if the decoder found another size, or a colour type that has no 8 bit form here.
fn read(
    mut decoder: impl ImageDecoder,
    size: (u32, u32),
    bounds: image::Limits,
) -> ImageResult<Option<Pixels>> {
    decoder.set_limits(bounds)?;
    let (bytes, is_deep) = match decoder.color_type() {
        ColorType::L8 => (1, false),
        ColorType::La8 => (2, false),
        ColorType::Rgb8 => (3, false),
        ColorType::Rgba8 => (4, false),
        ColorType::L16 => (1, true),
        ColorType::La16 => (2, true),
        ColorType::Rgb16 => (3, true),
        ColorType::Rgba16 => (4, true),
        _ => return Ok(None),
    };
    let (Ok(total), true) = (
        usize::try_from(decoder.total_bytes()),
        decoder.dimensions() == size,
    ) else {
        return Ok(None);
    };
    let mut samples = vec![0; total];
    decoder.read_image(&mut samples)?;
    if is_deep {
        narrow(&mut samples);
    }
    Ok(Some(Pixels {
        width: size.0,
        height: size.1,
        channels: bytes,
        samples,
    }))
}

/// Rounds samples of 16 bits, in the order of this machine, to 8 bits in place.
fn narrow(samples: &mut Vec<u8>) {
    let half = samples.len() / 2;
    for index in 0..half {
        let sample = u16::from_ne_bytes([samples[2 * index], samples[2 * index + 1]]);
        // 257 steps of 16 bits are one of 8; the sum is below 256 for each of them.
        let rounded = (u32::from(sample) + 128) / 257;
        samples[index] = u8::try_from(rounded).unwrap_or(u8::MAX);
    }
    samples.truncate(half);
    samples.shrink_to_fit();
}

/// The words of a decoder may quote the file, so ours take their place.
fn refusal(error: &ImageError, limits: &Limits) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::TooLarge {
            limit: "memory",
            most: limits.max_memory,
        },
        ImageError::Unsupported(_) => Refusal::unsupported(),
        _ => Refusal::damaged(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_rounded_to_eight() {
        let deep: [u16; 6] = [0, 128, 129, 257, 65_406, 65_535];
        let mut samples: Vec<u8> = deep
            .iter()
            .flat_map(|sample| sample.to_ne_bytes())
            .collect();
        narrow(&mut samples);
        assert_eq!(samples, [0, 0, 1, 1, 254, 255]);
    }
}
