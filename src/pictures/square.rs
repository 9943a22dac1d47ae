//! Small squares out of a picture.

use super::pixels::Pixels;

/// The centred square, reduced to `most` pixels a side by averaging areas, never enlarged.
///
/// Each pixel of the square is the mean of the area that it covers, parts of pixels counted by their part. Colours are
/// weighted by their alpha, so that what is transparent does not tint its neighbours. Beside the result, two rows of
/// sums are all that it takes.
pub(super) fn square(pixels: &Pixels, most: u32) -> Pixels {
    let from = pixels.width.min(pixels.height);
    let to = from.min(most).max(1);
    let left = (pixels.width - from) / 2;
    let top = (pixels.height - from) / 2;
    let channels = pixels.channels;
    let spans: Vec<Span> = (0..to).map(|place| Span::new(place, from, to)).collect();
    let row_of = |y: u32| {
        let start = (top as usize + y as usize) * pixels.width as usize + left as usize;
        &pixels.samples[start * channels..(start + from as usize) * channels]
    };

    let width = to as usize * channels;
    let mut samples = Vec::with_capacity(width * to as usize);
    let (mut row, mut sums) = (vec![0; width], vec![0; width]);
    // The row whose sums are at hand: neighbours share the row at their border.
    let mut summed = None;
    for span in &spans {
        sums.fill(0);
        for (y, weight) in span.weights() {
            if summed != Some(y) {
                sum_row(row_of(y), &spans, channels, &mut row);
                summed = Some(y);
            }
            for (sum, part) in sums.iter_mut().zip(&row) {
                *sum += weight * part;
            }
        }
        let area = u64::from(from) * u64::from(from);
        for sum in sums.chunks_exact(channels) {
            push_mean(&mut samples, sum, area, pixels.has_alpha());
        }
    }
    Pixels {
        width: to,
        height: to,
        channels,
        samples,
    }
}

/// What one pixel of the square covers of a side, in units of which a pixel of the picture has `to` and one of the
/// square has `from`.
struct Span {
    start: u64,
    end: u64,
    unit: u64,
}

impl Span {
    fn new(place: u32, from: u32, to: u32) -> Self {
        let start = u64::from(place) * u64::from(from);
        Self {
            start,
            end: start + u64::from(from),
            unit: u64::from(to),
        }
    }

    /// The pixels covered, each with how much of it.
    fn weights(&self) -> impl Iterator<Item = (u32, u64)> {
        let places = self.start / self.unit..self.end.div_ceil(self.unit);
        places.filter_map(|place| {
            let start = self.start.max(place * self.unit);
            let end = self.end.min((place + 1) * self.unit);
            Some((u32::try_from(place).ok()?, end - start))
        })
    }
}

/// Sums of one row of the picture for each pixel of the square; colours times alpha where there is alpha.
fn sum_row(row: &[u8], spans: &[Span], channels: usize, sums: &mut [u64]) {
    let has_alpha = matches!(channels, 2 | 4);
    for (span, sums) in spans.iter().zip(sums.chunks_exact_mut(channels)) {
        sums.fill(0);
        for (x, weight) in span.weights() {
            let pixel = &row[x as usize * channels..][..channels];
            let (colours, alpha) = if has_alpha {
                (&pixel[..channels - 1], u64::from(pixel[channels - 1]))
            } else {
                (pixel, 1)
            };
            for (sum, colour) in sums.iter_mut().zip(colours) {
                *sum += weight * alpha * u64::from(*colour);
            }
            if has_alpha {
                sums[channels - 1] += weight * alpha;
            }
        }
    }
}

/// Rounds the mean of one pixel. `area` times 255 twice stays below 2^49 for sides of 16 bits, and below 2^64 for sides
/// of 24 bits.
fn push_mean(samples: &mut Vec<u8>, sums: &[u64], area: u64, has_alpha: bool) {
    let mean = |sum: u64, of: u64| {
        // Nothing of a colour is seen where all is transparent.
        let mean = (sum + of / 2).checked_div(of).unwrap_or_default();
        u8::try_from(mean).unwrap_or(u8::MAX)
    };
    if let (true, [colours @ .., alpha]) = (has_alpha, sums) {
        samples.extend(colours.iter().map(|colour| mean(*colour, *alpha)));
        samples.push(mean(*alpha, area));
    } else {
        samples.extend(sums.iter().map(|sum| mean(*sum, area)));
    }
}
