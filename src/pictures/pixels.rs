//! A decoded picture.

use image::{DynamicImage, ExtendedColorType, ImageBuffer, metadata::Orientation};

/// Pixels of 1 (grey), 2 (grey, alpha), 3 (red, green, blue) or 4 (and alpha) samples of 8 bits, row by row.
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: usize,
    pub(super) samples: Vec<u8>,
}

impl Pixels {
    pub(super) const fn has_alpha(&self) -> bool {
        matches!(self.channels, 2 | 4)
    }

    pub(super) const fn color(&self) -> ExtendedColorType {
        match self.channels {
            1 => ExtendedColorType::L8,
            2 => ExtendedColorType::La8,
            3 => ExtendedColorType::Rgb8,
            _ => ExtendedColorType::Rgba8,
        }
    }

    /// Drops an alpha channel that is opaque everywhere, in place.
    pub(super) fn drop_opaque_alpha(&mut self) {
        let from = self.channels;
        let pixels = self.samples.chunks_exact(from);
        if !self.has_alpha() || pixels.clone().any(|pixel| pixel[from - 1] != u8::MAX) {
            return;
        }
        let to = from - 1;
        let count = pixels.len();
        for index in 1..count {
            self.samples
                .copy_within(index * from..index * from + to, index * to);
        }
        self.samples.truncate(count * to);
        self.samples.shrink_to_fit();
        self.channels = to;
    }

    /// Turns and mirrors as Exif asks; `None` if the sizes do not fit each other.
    pub(super) fn oriented(self, orientation: Orientation) -> Option<Self> {
        if orientation == Orientation::NoTransforms {
            return Some(self);
        }
        let Self {
            width,
            height,
            channels,
            samples,
        } = self;
        let mut image = match channels {
            1 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma8),
            2 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA8),
            3 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb8),
            _ => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba8),
        }?;
        image.apply_orientation(orientation);
        Some(Self {
            width: image.width(),
            height: image.height(),
            channels,
            samples: image.into_bytes(),
        })
    }
}
