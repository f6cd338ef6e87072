//! Kaldi's log-mel filter banks: what the speaker network hears.
//!
//! 25 ms frames every 10 ms, none beyond the end; mean taken off; pre-emphasis 0.97; Povey window; 512-point power spectrum;
//! 80 triangles 20 Hz–8 kHz; natural logarithm. No dither, no energy. Checked against golden vectors in the tests.

use std::f64::consts::PI;
use std::sync::{Arc, LazyLock};

use realfft::{RealFftPlanner, RealToComplex};

use crate::mel::{Bank, kaldi};

/// Mel bands of one frame.
pub const BANDS: usize = 80;
/// Frames of 3 s, the speaker network's input.
pub const FRAMES: usize = 298;

const WINDOW: usize = 400;
const HOP: usize = 160;
const POINTS: usize = 512;
/// Smallest energy before the logarithm: the single-precision epsilon.
const FLOOR: f64 = f32::EPSILON as f64;

struct Tables {
    window: Vec<f64>,
    bank: Bank,
    fft: Arc<dyn RealToComplex<f64>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let povey = |n: usize| {
        #[expect(clippy::cast_precision_loss, reason = "below 400")]
        let hann = 0.5 - 0.5 * (2.0 * PI * n as f64 / (WINDOW - 1) as f64).cos();
        hann.powf(0.85)
    };
    Tables {
        window: (0..WINDOW).map(povey).collect(),
        bank: kaldi(),
        fft: RealFftPlanner::new().plan_fft_forward(POINTS),
    }
});

/// Frames that a sound of so many samples has.
pub(crate) const fn frames(samples: usize) -> usize {
    if samples < WINDOW { 0 } else { 1 + (samples - WINDOW) / HOP }
}

/// frames × 80, row by row.
pub fn log_banks(samples: &[f32]) -> Vec<f32> {
    let tables = &*TABLES;
    let mut input = vec![0.0_f64; POINTS];
    let mut spectrum = tables.fft.make_output_vec();
    let mut scratch = tables.fft.make_scratch_vec();
    let mut banks = Vec::with_capacity(frames(samples.len()) * BANDS);
    for frame in samples.windows(WINDOW).step_by(HOP) {
        fill(&mut input, frame, &tables.window);
        // Sizes are those of the plan, so this cannot fail; a frame of silence would stand in.
        if tables.fft.process_with_scratch(&mut input, &mut spectrum, &mut scratch).is_err() {
            spectrum.fill(Default::default());
        }
        let power: Vec<f64> = spectrum.iter().map(|c| c.norm_sqr()).collect();
        #[expect(clippy::cast_possible_truncation, reason = "the networks take f32")]
        banks.extend(tables.bank.energies(&power).map(|e| e.max(FLOOR).ln() as f32));
    }
    banks
}

fn fill(input: &mut [f64], frame: &[f32], window: &[f64]) {
    const EMPHASIS: f64 = 0.97;
    #[expect(clippy::cast_precision_loss, reason = "400")]
    let mean = frame.iter().map(|s| f64::from(*s)).sum::<f64>() / frame.len() as f64;
    let mut last = frame.first().map_or(0.0, |s| f64::from(*s) - mean);
    input.fill(0.0);
    for ((to, sample), weight) in input.iter_mut().zip(frame).zip(window) {
        let now = f64::from(*sample) - mean;
        *to = (now - EMPHASIS * last) * weight;
        last = now;
    }
}

/// The same minus each band's mean over time.
pub fn centred_banks(samples: &[f32]) -> Vec<f32> {
    let mut banks = log_banks(samples);
    centre(&mut banks);
    banks
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a few thousand frames; f32 out")]
pub(crate) fn centre(banks: &mut [f32]) {
    let count = (banks.len() / BANDS).max(1) as f64;
    let mut means = [0.0_f64; BANDS];
    for frame in banks.chunks_exact(BANDS) {
        means.iter_mut().zip(frame).for_each(|(m, v)| *m += f64::from(*v) / count);
    }
    for frame in banks.chunks_exact_mut(BANDS) {
        frame.iter_mut().zip(&means).for_each(|(v, m)| *v = (f64::from(*v) - m) as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_silent_sounds_give_what_can_be_given() {
        assert!(log_banks(&[0.0; 399]).is_empty());
        assert_eq!(log_banks(&[0.0; 48_000]).len(), FRAMES * BANDS);
        assert!(centred_banks(&[0.0; 4_000]).iter().all(|v| v.abs() < 1e-5));
    }

    #[test]
    fn a_tone_is_loudest_in_its_own_band() {
        let tone: Vec<f32> =
            (0..16_000).map(|n| (n as f32 * std::f32::consts::TAU * 1_000.0 / 16_000.0).sin()).collect();
        let banks = log_banks(&tone);
        let frame = &banks[50 * BANDS..51 * BANDS];
        let loudest = (0..BANDS).max_by(|a, b| frame[*a].total_cmp(&frame[*b])).unwrap();
        // 1000 Hz = 999.99 mel of 2840 in 81 steps: band 27 is centred at 1002 mel.
        assert!((26..=29).contains(&loudest), "{loudest}");
    }
}
