//! Files of pictures, made in code, harmless and hostile.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};

/// An opaque picture whose pixels differ, with red in the upper left quarter.
pub fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if x < width / 2 && y < height / 2 {
            return Rgb([250, 10, 10]);
        }
        Rgb([0, ramp(x, width), ramp(y, height)])
    })
}

/// A picture that becomes transparent towards its right.
pub fn transparent(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        Rgba([200, ramp(y, height), 40, ramp(x, width)])
    })
}

fn ramp(place: u32, of: u32) -> u8 {
    u8::try_from(place * 255 / of.max(1)).unwrap()
}

/// Encodes in that format.
pub fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A baseline JPEG in colour.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    file(picture(width, height), ImageFormat::Jpeg)
}

/// An opaque PNG of 8 bits.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    file(picture(width, height), ImageFormat::Png)
}

/// Noise in grey.
pub fn noise(width: u32, height: u32) -> GrayImage {
    let mut state = 1_u32;
    GrayImage::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([state.to_be_bytes()[0]])
    })
}

/// A PNG of noise with a palette of 256 colours, the first of them transparent if asked for.
pub fn palette_png(width: u32, height: u32, is_transparent: bool) -> Vec<u8> {
    // Numbers of colours stand in the file as shades of grey do; the header alone differs.
    let grey = file(noise(width, height), ImageFormat::Png);
    let mut header = grey[16..29].to_vec();
    header[9] = 3;
    let palette = (0..=u8::MAX).flat_map(|shade| [shade, shade, 255 - shade]);
    let mut file = grey[..8].to_vec();
    file.extend(png_chunk(*b"IHDR", &header));
    file.extend(png_chunk(*b"PLTE", &palette.collect::<Vec<_>>()));
    if is_transparent {
        file.extend(png_chunk(*b"tRNS", &[0]));
    }
    file.extend(&grey[33..]);
    file
}

/// A PNG with an alpha channel.
pub fn transparent_png(width: u32, height: u32) -> Vec<u8> {
    file(transparent(width, height), ImageFormat::Png)
}

/// An opaque, lossless WebP.
pub fn webp(width: u32, height: u32) -> Vec<u8> {
    file(picture(width, height), ImageFormat::WebP)
}

/// A lossless WebP with an alpha channel.
pub fn transparent_webp(width: u32, height: u32) -> Vec<u8> {
    file(transparent(width, height), ImageFormat::WebP)
}

/// A JPEG with segments put behind its first marker.
pub fn with_segments(jpeg: &[u8], segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut file = jpeg[..2].to_vec();
    for (marker, body) in segments {
        file.extend([0xFF, *marker]);
        file.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        file.extend(body);
    }
    file.extend(&jpeg[2..]);
    file
}

/// A JPEG that asks to be turned: orientation 1 to 8 of Exif.
pub fn with_exif_orientation(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend(exif_orientation(orientation));
    with_segments(jpeg, &[(0xE1, exif)])
}

/// Exif data with an orientation alone.
pub fn exif_orientation(orientation: u16) -> Vec<u8> {
    let [low, high] = orientation.to_le_bytes();
    let mut exif = b"II\x2A\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([0x12, 1, 3, 0, 1, 0, 0, 0, low, high, 0, 0, 0, 0, 0, 0]);
    exif
}

/// Bytes that [`with_gps`] hides in the place of a picture.
pub const PLACE: &[u8] = b"52.516275,13.377704";

/// A JPEG whose Exif data holds a place, beside XMP and a comment that repeat it.
pub fn with_gps(jpeg: &[u8]) -> Vec<u8> {
    // One directory with a pointer to that of GPS, whose one entry is its datum as text.
    let mut exif = b"Exif\0\0II\x2A\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0]);
    let length = u8::try_from(PLACE.len()).unwrap();
    exif.extend([
        1, 0, 0x12, 0, 2, 0, length, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0,
    ]);
    exif.extend(PLACE);
    let mut xmp = b"http://ns.adobe.com/xap/1.0/\0".to_vec();
    xmp.extend(PLACE);
    with_segments(jpeg, &[(0xE1, exif), (0xE1, xmp), (0xFE, PLACE.to_vec())])
}

/// A chunk of a PNG file with its checksum.
pub fn png_chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(body);
    let checksum = crc32(&chunk[4..]);
    chunk.extend(checksum.to_be_bytes());
    chunk
}

/// A PNG with chunks put behind its header.
pub fn with_png_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    const HEADER_END: usize = 8 + 12 + 13;
    let mut file = png[..HEADER_END].to_vec();
    file.extend(chunks.iter().flatten());
    file.extend(&png[HEADER_END..]);
    file
}

/// A PNG that says another size than it has.
pub fn with_png_size(png: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut header = png[16..29].to_vec();
    header[..4].copy_from_slice(&width.to_be_bytes());
    header[4..8].copy_from_slice(&height.to_be_bytes());
    let mut file = png[..8].to_vec();
    file.extend(png_chunk(*b"IHDR", &header));
    file.extend(&png[33..]);
    file
}

/// A JPEG that says another size than it has.
pub fn with_jpeg_size(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg
        .windows(2)
        .position(|pair| matches!(pair, [0xFF, 0xC0 | 0xC2]))
        .unwrap();
    let mut file = jpeg.to_vec();
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

/// A chunk of a WebP file with its padding.
pub fn webp_chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = kind.to_vec();
    chunk.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    chunk.extend(body);
    if !body.len().is_multiple_of(2) {
        chunk.push(0);
    }
    chunk
}

/// A WebP file of those chunks.
pub fn webp_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    body.extend(chunks.iter().flatten());
    webp_chunk(*b"RIFF", &body)
}

/// The header of an extended WebP file.
pub fn webp_header(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut body = vec![flags, 0, 0, 0];
    body.extend(&(width - 1).to_le_bytes()[..3]);
    body.extend(&(height - 1).to_le_bytes()[..3]);
    webp_chunk(*b"VP8X", &body)
}

/// CRC-32 as PNG has it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 {
                sum >> 1 ^ 0xEDB8_8320
            } else {
                sum >> 1
            }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}
