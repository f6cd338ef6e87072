//! Resizing with an antialiased triangle filter, straight into the network's planes.
//!
//! The weights of each output row and column are worked out once for a pair of sizes and kept: frames of one camera all have
//! the same. Nothing is allocated from the second picture of a size on.

use multiversion::multiversion;

use crate::picture::Picture;

/// A resizer for one worker.
#[derive(Default)]
pub(crate) struct Shrinker {
    plan: Plan,
    /// One output row before it is made narrower: packed RGB and one value of room.
    row: Vec<f32>,
}

impl Shrinker {
    /// Overwrites the last picture's row.
    pub(crate) fn forget(&mut self) {
        self.row.fill(0.0);
    }
}

#[derive(Default)]
struct Plan {
    from: (u32, u32),
    to: (u32, u32),
    across: Taps,
    down: Taps,
}

/// For each output place the input places it is mixed from.
#[derive(Default)]
struct Taps {
    /// First input place and number of weights.
    spans: Vec<(usize, usize)>,
    /// The weights of all output places, one after another; those of one place add up to 1.
    weights: Vec<f32>,
}

impl Taps {
    /// A triangle as wide as two input pixels, or two output pixels where those are larger.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "picture sizes below 2^24"
    )]
    fn fill(&mut self, from: u32, to: u32) {
        self.spans.clear();
        self.weights.clear();
        let step = f64::from(from) / f64::from(to.max(1));
        let reach = step.max(1.0);
        for place in 0..to {
            let centre = (f64::from(place) + 0.5) * step;
            let first = (centre - reach).floor().max(0.0) as usize;
            let end = ((centre + reach).ceil() as usize).min(from as usize);
            let at = self.weights.len();
            let weight = |i: usize| (1.0 - ((i as f64 + 0.5 - centre) / reach).abs()).max(0.0) as f32;
            self.weights.extend((first..end).map(weight));
            let own = self.weights.get_mut(at..).unwrap_or_default();
            let sum: f32 = own.iter().sum();
            own.iter_mut().for_each(|w| *w /= sum);
            self.spans.push((first, end - first));
        }
    }

    /// Each output place's first input place and weights.
    fn iter(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let mut rest = self.weights.as_slice();
        self.spans.iter().map(move |(first, count)| {
            let (own, after) = rest.split_at_checked(*count).unwrap_or_default();
            rest = after;
            (*first, own)
        })
    }
}

/// Where a row of the result goes: its planes of red, green and blue, each as long as the result is wide.
pub(crate) struct Planes<'a> {
    pub(crate) red: &'a mut [f32],
    pub(crate) green: &'a mut [f32],
    pub(crate) blue: &'a mut [f32],
}

impl Shrinker {
    /// Resizes to `to` = (width, height) and gives each row's planes (values 0..=255) to be filled by `row_of(y)`.
    pub(crate) fn shrink<'a>(
        &mut self,
        picture: &Picture,
        to: (u32, u32),
        mut row_of: impl FnMut(usize) -> Option<Planes<'a>>,
    ) {
        let from = (picture.width(), picture.height());
        if (self.plan.from, self.plan.to) != (from, to) {
            self.plan.across.fill(from.0, to.0);
            self.plan.down.fill(from.1, to.1);
            (self.plan.from, self.plan.to) = (from, to);
        }
        let width = from.0 as usize * 3;
        self.row.clear();
        self.row.resize(width + 1, 0.0);
        for (y, (first, weights)) in self.plan.down.iter().enumerate() {
            let Some(planes) = row_of(y) else { return };
            mix_rows(picture.rgb().get(first * width..).unwrap_or_default(), width, weights, &mut self.row);
            narrow(&self.row, &self.plan.across, planes.red, planes.green, planes.blue);
        }
    }
}

/// The weighted sum of some rows.
#[multiversion(targets(
    "x86_64+avx+avx2+bmi1+bmi2+fma+lzcnt+avx512f+avx512bw+avx512dq+avx512vl",
    "x86_64+avx+avx2+fma"
))]
fn mix_rows(pixels: &[u8], width: usize, weights: &[f32], out: &mut [f32]) {
    let mut rows = pixels.chunks_exact(width).zip(weights);
    if let Some((row, weight)) = rows.next() {
        out.iter_mut().zip(row).for_each(|(o, v)| *o = weight * f32::from(*v));
    }
    for (row, weight) in rows {
        out.iter_mut().zip(row).for_each(|(o, v)| *o += weight * f32::from(*v));
    }
}

/// Makes a packed row narrower and takes its colours apart.
#[multiversion(targets("x86_64+avx+avx2+fma"))]
fn narrow(row: &[f32], across: &Taps, red: &mut [f32], green: &mut [f32], blue: &mut [f32]) {
    let targets = red.iter_mut().zip(green).zip(blue);
    for ((first, weights), ((red, green), blue)) in across.iter().zip(targets) {
        // Four values are added at once; the fourth belongs to the next pixel and is thrown away.
        let mut sum = [0.0_f32; 4];
        let pixels = row.get(first * 3..).unwrap_or_default();
        for (i, weight) in weights.iter().enumerate() {
            if let Some(four) = pixels.get(i * 3..).and_then(<[f32]>::first_chunk::<4>) {
                sum.iter_mut().zip(four).for_each(|(s, v)| *s += weight * v);
            }
        }
        [*red, *green, *blue, _] = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrink(picture: &Picture, w: usize, h: usize) -> Vec<[f32; 3]> {
        let mut out = vec![0.0; w * h * 3];
        let (red, rest) = out.split_at_mut(w * h);
        let (green, blue) = rest.split_at_mut(w * h);
        let mut rows = red.chunks_mut(w).zip(green.chunks_mut(w)).zip(blue.chunks_mut(w));
        let row_of = |_| rows.next().map(|((red, green), blue)| Planes { red, green, blue });
        Shrinker::default().shrink(picture, (w as u32, h as u32), row_of);
        (0..w * h).map(|i| [out[i], out[w * h + i], out[2 * w * h + i]]).collect()
    }

    fn noise(w: u32, h: u32) -> Picture {
        let rgb = (0..w * h * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        Picture::from_rgb(w, h, rgb).unwrap()
    }

    /// Against the `fast_image_resize` crate, which rounds after each direction.
    #[test]
    fn agrees_with_a_second_implementation() {
        for (w, h, tw, th) in [(64, 36, 16, 9), (50, 40, 33, 21), (20, 20, 32, 40), (7, 5, 1, 1), (31, 31, 31, 31)] {
            let picture = noise(w, h);
            let mut reference = Vec::new();
            let mut resizer = fast_image_resize::Resizer::new();
            crate::picture::shrink_into(&mut resizer, &picture, (tw, th), &mut reference).unwrap();
            let got = shrink(&picture, tw as usize, th as usize);
            for (i, (ours, theirs)) in got.iter().zip(reference.as_chunks::<3>().0).enumerate() {
                for c in 0..3 {
                    assert!(
                        (ours[c] - f32::from(theirs[c])).abs() < 1.6,
                        "{w}×{h}→{tw}×{th} at {i}: {ours:?} {theirs:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_plan_is_made_anew_for_another_size() {
        let mut shrinker = Shrinker::default();
        for (w, h) in [(8, 8), (6, 10), (8, 8)] {
            let (mut red, mut green, mut blue) = ([9.0; 4], [9.0; 4], [9.0; 4]);
            let picture = Picture::from_rgb(w, h, [10, 20, 30].repeat((w * h) as usize)).unwrap();
            let mut planes = Some(Planes { red: &mut red, green: &mut green, blue: &mut blue });
            shrinker.shrink(&picture, (4, 1), |_| planes.take());
            assert!(red.iter().all(|v| (v - 10.0).abs() < 1e-4) && blue.iter().all(|v| (v - 30.0).abs() < 1e-4));
            assert!(green.iter().all(|v| (v - 20.0).abs() < 1e-4));
        }
    }
}
