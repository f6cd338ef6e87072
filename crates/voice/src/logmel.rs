//! Whisper's log-mel picture: what the digit scorer hears.
//!
//! 8 s, padded with silence; mirrored by 200 samples at both ends; 25 ms frames every 10 ms, periodic Hann window; 400-point power
//! spectrum; 80 Slaney triangles; decimal logarithm, at most 8 below the loudest; (x + 4) / 4.

use std::f64::consts::PI;
use std::sync::{Arc, LazyLock};

use realfft::{RealFftPlanner, RealToComplex};

use crate::mel::{Bank, slaney};

/// Mel bands.
pub const MELS: usize = 80;
/// Frames of 8 s.
pub const MEL_FRAMES: usize = 800;
/// Samples of 8 s.
pub(crate) const SAMPLES: usize = 128_000;

const WINDOW: usize = 400;
const HOP: usize = 160;
const MIRRORED: usize = 200;

struct Tables {
    window: Vec<f64>,
    bank: Bank,
    fft: Arc<dyn RealToComplex<f64>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    #[expect(clippy::cast_precision_loss, reason = "below 400")]
    let hann = |n: usize| 0.5 - 0.5 * (2.0 * PI * n as f64 / WINDOW as f64).cos();
    Tables {
        window: (0..WINDOW).map(hann).collect(),
        bank: slaney(),
        fft: RealFftPlanner::new().plan_fft_forward(WINDOW),
    }
});

/// 80 × 800, band by band, of the first 8 s.
pub fn log_mel(samples: &[f32]) -> Vec<f32> {
    let tables = &*TABLES;
    let padded = padded(samples);
    let mut spectrum = tables.fft.make_output_vec();
    let mut scratch = tables.fft.make_scratch_vec();
    let mut logs = vec![0.0_f64; MELS * MEL_FRAMES];
    for (at, frame) in padded.windows(WINDOW).step_by(HOP).take(MEL_FRAMES).enumerate() {
        let mut input: Vec<f64> = frame.iter().zip(&tables.window).map(|(s, w)| f64::from(*s) * w).collect();
        if tables.fft.process_with_scratch(&mut input, &mut spectrum, &mut scratch).is_err() {
            spectrum.fill(Default::default());
        }
        let power: Vec<f64> = spectrum.iter().map(|c| c.norm_sqr()).collect();
        for (band, energy) in tables.bank.energies(&power).enumerate() {
            if let Some(place) = logs.get_mut(band * MEL_FRAMES + at) {
                *place = energy.max(1e-10).log10();
            }
        }
    }
    let floor = logs.iter().copied().fold(f64::MIN, f64::max) - 8.0;
    #[expect(clippy::cast_possible_truncation, reason = "the networks take f32")]
    logs.into_iter().map(|v| ((v.max(floor) + 4.0) / 4.0) as f32).collect()
}

fn padded(samples: &[f32]) -> Vec<f32> {
    let at = |n: usize| samples.get(n).copied().unwrap_or(0.0);
    let before = (1..=MIRRORED).rev().map(at);
    let after = (0..MIRRORED).map(|n| at(SAMPLES - 2 - n));
    before.chain((0..SAMPLES).map(at)).chain(after).collect()
}
