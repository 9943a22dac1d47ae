//! Small squares out of a picture.

use super::pixels::Pixels;

/// The centred square, reduced to `most` pixels a side by averaging areas, never enlarged.
///
/// Each pixel of the square is the mean of the area that it covers, parts of pixels counted by their part. Colours are
/// weighted by their alpha, so that what is transparent does not tint its neighbours. Beside the result, one row of sums
/// is all that it takes.
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

    let has_alpha = pixels.has_alpha();
    let area = u64::from(from) * u64::from(from);
    let mut samples = Vec::with_capacity(to as usize * to as usize * channels);
    // Rows first, and then across once a row of the square: adding rows is what processors do many at a time.
    let mut columns = vec![0; from as usize * channels];
    for down in &spans {
        columns.fill(0);
        for (y, weight) in down.weights() {
            add_row(row_of(y), weight, channels, &mut columns);
        }
        for across in &spans {
            let mut sums = [0; 4];
            for (x, weight) in across.weights() {
                let column = &columns[x as usize * channels..][..channels];
                for (sum, part) in sums.iter_mut().zip(column) {
                    *sum += u64::from(weight) * u64::from(*part);
                }
            }
            push_mean(&mut samples, &sums[..channels], area, has_alpha);
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
    fn weights(&self) -> impl Iterator<Item = (u32, u32)> {
        let places = self.start / self.unit..self.end.div_ceil(self.unit);
        places.filter_map(|place| {
            let start = self.start.max(place * self.unit);
            let end = self.end.min((place + 1) * self.unit);
            Some((u32::try_from(place).ok()?, u32::try_from(end - start).ok()?))
        })
    }
}

/// Adds a row of the picture to the sums of its columns; colours times alpha where there is alpha.
///
/// The weights of a span add up to the side of the picture, so 255 times 255 times its sum fits for sides of 16 bits.
fn add_row(row: &[u8], weight: u32, channels: usize, columns: &mut [u32]) {
    if !matches!(channels, 2 | 4) {
        for (sum, colour) in columns.iter_mut().zip(row) {
            *sum += weight * u32::from(*colour);
        }
        return;
    }
    let pixels = row.chunks_exact(channels);
    for (sums, pixel) in columns.chunks_exact_mut(channels).zip(pixels) {
        let weight = weight * u32::from(pixel[channels - 1]);
        for (sum, colour) in sums.iter_mut().zip(&pixel[..channels - 1]) {
            *sum += weight * u32::from(*colour);
        }
        sums[channels - 1] += weight;
    }
}

/// Rounds the mean of one pixel. `area` times 255 twice stays below 2^49 for sides of 16 bits.
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
