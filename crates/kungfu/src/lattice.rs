//! A cue for screens and halftone prints: a pattern that repeats itself over a picture, in grey or in colour.
//!
//! The pixels of a display (or the dots of a print) and those of the camera beat against each other, which leaves lone peaks in the
//! spectrum. What grows or is drawn repeats itself roughly at most: its energy lies around a peak as well, and edges make streaks.

use std::sync::Arc;

use face::Picture;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

/// Sides of the square that is looked at, pixels: the larger one that fits.
const SIDES: [usize; 2] = [256, 128];
/// Nearer to the middle of the spectrum lies the picture itself, bins.
const LOWEST: i32 = 8;
/// A peak's own width under a Hann window, and how far around it nothing may be like it, bins.
const OWN: i32 = 3;
const AROUND: i32 = 7;
/// JPEG's blocks repeat themselves every 8 pixels, its colours every 16: nothing is told within so many bins of their harmonics.
const BLOCK: i32 = 16;
const BLOCK_WIDTH: i32 = 1;
/// Grey levels squared, per bin: weaker peaks are rounding and noise.
const FLOOR: f32 = 0.02;

/// Looks for patterns; keeps its plans.
pub(crate) struct Lattice {
    plans: [Arc<dyn Fft<f32>>; 2],
}

impl Lattice {
    pub(crate) fn new() -> Self {
        let mut planner = FftPlanner::new();
        Self { plans: SIDES.map(|side| planner.plan_fft_forward(side)) }
    }

    /// How far the most lonely peak rises above what is around it, decibels; 0 for pictures that are too small to tell.
    pub(crate) fn peak(&self, picture: &Picture) -> f32 {
        let fits = |side: usize| picture.width() as usize >= side && picture.height() as usize >= side;
        let Some((side, plan)) = SIDES.into_iter().zip(&self.plans).find(|(side, _)| fits(*side)) else { return 0.0 };
        let mut values = middle(picture, side);
        spectrum(&mut values, side, plan.as_ref());
        let [grey, colour] = powers(&values, side);
        prominence(&grey, side).max(prominence(&colour, side))
    }
}

/// The middle square under a Hann window: grey as the real, red less green as the imaginary part, both without their means.
fn middle(picture: &Picture, side: usize) -> Vec<Complex32> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let (pixels, _) = picture.rgb().as_chunks::<3>();
    let mut values: Vec<Complex32> = pixels
        .chunks_exact(width)
        .skip(top)
        .take(side)
        .flat_map(|row| row.iter().skip(left).take(side))
        .map(|rgb| {
            let [r, g, b] = rgb.map(f32::from);
            Complex32::new(0.299 * r + 0.587 * g + 0.114 * b, r - g)
        })
        .collect();
    let mean = values.iter().sum::<Complex32>() / values.len().max(1) as f32;
    let window: Vec<f32> =
        (0..side).map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / side as f32).cos()).collect();
    for (row, down) in values.chunks_exact_mut(side).zip(&window) {
        for (value, across) in row.iter_mut().zip(&window) {
            *value = (*value - mean) * (down * across);
        }
    }
    values
}

/// The transform in both directions; transposed, which the peaks do not mind.
fn spectrum(values: &mut Vec<Complex32>, side: usize, plan: &dyn Fft<f32>) {
    plan.process(values);
    let turned = (0..side * side).filter_map(|i| values.get((i % side) * side + i / side).copied()).collect();
    *values = turned;
    plan.process(values);
}

/// Mean squares per bin of the grey and the colour part, taken apart by their symmetry.
fn powers(values: &[Complex32], side: usize) -> [Vec<f32>; 2] {
    let count = (side * side) as f32;
    let opposite = |i: usize| (side - i / side) % side * side + (side - i % side) % side;
    let both = values.iter().enumerate().map(|(i, z)| {
        let w = values.get(opposite(i)).copied().unwrap_or_default().conj();
        [(z + w).norm_sqr(), (z - w).norm_sqr()].map(|square| square / 4.0 / count)
    });
    let (grey, colour) = both.map(|[grey, colour]| (grey, colour)).unzip();
    [grey, colour]
}

/// The largest ratio, decibels, of a bin to the largest one around it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "within a side"
)]
fn prominence(power: &[f32], side: usize) -> f32 {
    let (whole, half) = (side as i32, side as i32 / 2);
    let at = |x: i32, y: i32| {
        power.get((y.rem_euclid(whole) * whole + x.rem_euclid(whole)) as usize).copied().unwrap_or(f32::INFINITY)
    };
    let blocky = |v: i32| {
        let step = whole / BLOCK;
        let off = v.rem_euclid(step);
        off.min(step - off) <= BLOCK_WIDTH
    };
    let mut most = 1.0_f32;
    // The other half is the same mirrored. The rim is left out: what lies around it is mirrored, too.
    for y in 0..half - AROUND {
        for x in -(half - AROUND)..half - AROUND {
            let here = at(x, y);
            if here < FLOOR || x * x + y * y < LOWEST * LOWEST || (blocky(x) && blocky(y)) || here < at(x + 1, y) {
                continue;
            }
            let mut around = FLOOR;
            'ring: for dy in -AROUND..=AROUND {
                for dx in -AROUND..=AROUND {
                    if dx.abs().max(dy.abs()) > OWN {
                        around = around.max(at(x + dx, y + dy));
                        if here <= around * most {
                            break 'ring;
                        }
                    }
                }
            }
            most = most.max(here / around);
        }
    }
    10.0 * most.log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: u32 = 300;

    fn picture(pixel: impl Fn(f32, f32) -> [f32; 3]) -> Picture {
        let all = (0..SIDE * SIDE).flat_map(|i| pixel((i % SIDE) as f32, (i / SIDE) as f32));
        Picture::from_rgb(SIDE, SIDE, all.map(|v| v.clamp(0.0, 255.0) as u8).collect()).unwrap()
    }

    /// −1..1, the same for the same place.
    fn noise(x: f32, y: f32) -> f32 {
        let mut h = (x as u32).wrapping_mul(374_761_393).wrapping_add((y as u32).wrapping_mul(668_265_263));
        h = (h ^ (h >> 13)).wrapping_mul(1_274_126_177);
        (h >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    #[test]
    fn a_weak_pattern_is_found_in_grey_and_in_colour_under_noise() {
        let looks = Lattice::new();
        let grain = |x: f32, y: f32| 120.0 + 8.0 * noise(x, y);
        let wave = |x: f32, y: f32| 3.0 * ((x * 0.9 + y * 0.21) * 0.61).cos();
        let plain = looks.peak(&picture(|x, y| [grain(x, y); 3]));
        let grey = looks.peak(&picture(|x, y| [grain(x, y) + wave(x, y); 3]));
        let colour = looks.peak(&picture(|x, y| [grain(x, y) + wave(x, y), grain(x, y), grain(x, y) - wave(x, y)]));
        assert!(plain < 6.0 && grey > 9.0 && colour > 9.0, "{plain} {grey} {colour}");
    }

    #[test]
    fn edges_stripes_of_fur_and_blocks_are_no_pattern() {
        let looks = Lattice::new();
        let edge = looks.peak(&picture(|x, y| if x * 0.8 + y * 0.3 > 160.0 { [200.0; 3] } else { [60.0; 3] }));
        let fur = looks.peak(&picture(|x, y| {
            [120.0 + 60.0 * (x * 0.5 + 6.0 * noise((y / 9.0).floor(), (x / 14.0).floor())).sin(); 3]
        }));
        let blocks = looks.peak(&picture(|x, y| [100.0 + 20.0 * noise((x / 8.0).floor(), (y / 8.0).floor()); 3]));
        assert!(edge < 8.0 && fur < 8.0 && blocks < 8.0, "{edge} {fur} {blocks}");
        assert!(looks.peak(&Picture::from_rgb(100, 90, vec![7; 27_000]).unwrap()).abs() < 1e-6, "too small to tell");
        assert!(looks.peak(&Picture::from_rgb(128, 128, vec![7; 49_152]).unwrap()).abs() < 1e-6, "nothing at all");
    }
}
