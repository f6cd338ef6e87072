//! Moiré: a screen's grid of pixels, seen by the camera's, leaves a sharp peak in the spectrum of what it shows. Skin, hair
//! and beards have broad spectra.

use std::sync::{Arc, OnceLock};

use face::{Detection, Luma};
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::{Seen, median};
use crate::clock::Tick;
use crate::look::Look;
use crate::{NoEvidence, Reading};

/// Side of the window in the middle of the face, luma pixels.
const SIDE: usize = 128;
/// Frequencies that are looked at, cycles per window: below, a face has edges of its own; above, the camera has none.
const RING: std::ops::RangeInclusive<f32> = 9.0..=58.0;
/// Half side of the neighbourhood that a peak stands out of, and of the part of it that belongs to the peak.
const AROUND: isize = 6;
/// See [`AROUND`]: the window's own main lobe.
const LOBE: isize = 2;
/// Smallest face width to look at, as a share of the window.
const FACE: f32 = 0.75;
/// Pixels of a JPEG block: its harmonics are not the screen's.
const BLOCK: f32 = 8.0;
/// Frames that a reading needs.
const LEAST: usize = 3;

#[derive(Default)]
pub(super) struct MoireWatch {
    peaks: Vec<f32>,
}

impl MoireWatch {
    pub(super) fn push(&mut self, seen: &Seen<'_>) {
        self.peaks.extend(peak(seen));
    }

    /// How far the strongest peak stands out of the spectrum around it, median over frames, natural logarithm of power.
    pub(super) fn reading(&self) -> Reading {
        match median(&self.peaks) {
            Some(value) if self.peaks.len() >= LEAST => Reading::Value(value),
            Some(_) => Reading::NoEvidence(NoEvidence::TooFewFrames),
            None => Reading::NoEvidence(NoEvidence::TooWeak),
        }
    }
}

/// The peak of one picture, for evaluations of stills; `None` for a face that is too small.
pub fn moire_of(luma: &Luma, scale: f32, found: &Detection) -> Option<f32> {
    let look = Look::of(Tick { at: 0.0, since: 0.0 }, found, None)?;
    peak(&Seen::of(&look, found, luma, if scale > 0.0 { scale } else { 1.0 }))
}

fn transform() -> Arc<dyn Fft<f32>> {
    static PLAN: OnceLock<Arc<dyn Fft<f32>>> = OnceLock::new();
    Arc::clone(PLAN.get_or_init(|| FftPlanner::new().plan_fft_forward(SIDE)))
}

fn peak(seen: &Seen<'_>) -> Option<f32> {
    if seen.face[2] < FACE * SIDE as f32 {
        return None;
    }
    let power = spectrum(&window(seen)?);
    let block = SIDE as f32 * seen.scale / BLOCK;
    let half = (SIDE / 2) as isize;
    let wrap = |v: isize| v.rem_euclid(SIDE as isize) as usize;
    let at = |u: isize, v: isize| power.get(wrap(v) * SIDE + wrap(u)).copied().unwrap_or(0.0);
    let mut best = 0.0f32;
    let mut near = Vec::with_capacity(((2 * AROUND + 1) * (2 * AROUND + 1)) as usize);
    // A real picture's spectrum is its own mirror image: half of it says everything.
    for v in 0..=half {
        for u in -half..half {
            let (fu, fv) = (u as f32, v as f32);
            if !RING.contains(&fu.hypot(fv)) || is_block(fu, fv, block) || is_block(fv, fu, block) {
                continue;
            }
            let here = at(u, v);
            // Only what is higher than its neighbours can be a peak.
            if (-1..=1).any(|j| (-1..=1).any(|i| (i, j) != (0, 0) && at(u + i, v + j) > here)) {
                continue;
            }
            near.clear();
            for j in -AROUND..=AROUND {
                for i in -AROUND..=AROUND {
                    if i.abs() > LOBE || j.abs() > LOBE {
                        near.push(at(u + i, v + j));
                    }
                }
            }
            let middle = near.len() / 2;
            let (_, usual, _) = near.select_nth_unstable_by(middle, f32::total_cmp);
            best = best.max(here - *usual);
        }
    }
    Some(best)
}

/// Whether a frequency is a harmonic of the JPEG blocks along one axis.
fn is_block(along: f32, across: f32, block: f32) -> bool {
    let place = along.abs() / block;
    across.abs() <= 2.0 && (place - place.round()).abs() * block <= 1.6
}

/// Grey values in the middle of the face, less their mean, fading towards the rim (Hann).
fn window(seen: &Seen<'_>) -> Option<Vec<Complex<f32>>> {
    let [x, y, w, h] = seen.face;
    let (left, top) = (x + w * 0.5 - SIDE as f32 * 0.5, y + h * 0.5 - SIDE as f32 * 0.5);
    let (width, height) = (seen.luma.width() as usize, seen.luma.height() as usize);
    if width < SIDE || height < SIDE {
        return None;
    }
    let left = (left.max(0.0) as usize).min(width - SIDE);
    let top = (top.max(0.0) as usize).min(height - SIDE);
    let rows = (top..top + SIDE).map(|row| seen.luma.data().get(row * width + left..row * width + left + SIDE));
    let grey: Vec<f32> = rows.collect::<Option<Vec<_>>>()?.concat().iter().map(|v| f32::from(*v)).collect();
    let mean = grey.iter().sum::<f32>() / grey.len() as f32;
    let hann: Vec<f32> =
        (0..SIDE).map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / SIDE as f32).cos()).collect();
    let faded = grey.iter().enumerate().map(|(i, v)| {
        let (row, column) = (hann.get(i / SIDE), hann.get(i % SIDE));
        Complex::new((v - mean) * row.copied().unwrap_or(0.0) * column.copied().unwrap_or(0.0), 0.0)
    });
    Some(faded.collect())
}

/// Natural logarithm of the power at every frequency.
fn spectrum(window: &[Complex<f32>]) -> Vec<f32> {
    let transform = transform();
    let mut rows = window.to_vec();
    transform.process(&mut rows);
    let mut columns = turned(&rows);
    transform.process(&mut columns);
    // A grey value's rounding keeps it from minus infinity.
    turned(&columns).iter().map(|value| (value.norm_sqr() + 1.0).ln()).collect()
}

fn turned(values: &[Complex<f32>]) -> Vec<Complex<f32>> {
    (0..SIDE * SIDE).filter_map(|i| values.get(i % SIDE * SIDE + i / SIDE)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{Shape, WIDTH, detection, shoot};

    #[test]
    fn a_grid_stands_out_of_a_face_and_texture_does_not() {
        let found = detection(Shape::Ellipsoid, 0.0);
        for seed in 0..4 {
            let skin = shoot(Shape::Ellipsoid, 0.0, seed);
            let grid = |i: usize, v: u8| {
                let (x, y) = ((i % WIDTH as usize) as f32, (i / WIDTH as usize) as f32);
                let wave = (std::f32::consts::TAU * (x * 0.17 + y * 0.05)).sin();
                (f32::from(v) * (1.0 + 0.03 * wave)) as u8
            };
            let screen = skin.data().iter().enumerate().map(|(i, v)| grid(i, *v)).collect();
            let screen = Luma::new(skin.width(), skin.height(), screen).unwrap();
            let (plain, grid) = (moire_of(&skin, 1.0, &found).unwrap(), moire_of(&screen, 1.0, &found).unwrap());
            println!("skin {plain:.2}, screen {grid:.2}");
            assert!(grid > plain + 1.0, "{plain} {grid}");
        }
    }
}
