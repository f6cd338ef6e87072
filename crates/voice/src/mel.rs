//! Triangular filter banks over the power of a Fourier transform, in the two forms that the networks were trained with.

use crate::limits::RATE;

/// Filters over frequency bins: where each begins, and its weights from there.
pub(crate) struct Bank {
    filters: Vec<(usize, Vec<f64>)>,
}

/// Kaldi: 80 triangles, linear on 1127·ln(1 + f/700) between 20 Hz and 8 kHz, over 256 bins of a 512-point transform.
pub(crate) fn kaldi() -> Bank {
    let mel = |hz: f64| 1_127.0 * (1.0 + hz / 700.0).ln();
    let (low, high) = (mel(20.0), mel(hz(RATE) / 2.0));
    let step = (high - low) / 81.0;
    let bins: Vec<f64> = (0..256).map(|bin| mel(f64::from(bin) * hz(RATE) / 512.0)).collect();
    let corner = |i: u32| low + f64::from(i) * step;
    Bank::new((0..80).map(|i| triangle(&bins, [corner(i), corner(i + 1), corner(i + 2)], 1.0)))
}

/// Slaney (librosa, Whisper): 80 triangles of equal area, linear up to 1 kHz and logarithmic above, over 201 bins of a 400-point
/// transform.
pub(crate) fn slaney() -> Bank {
    const STEP: f64 = 200.0 / 3.0;
    let log_step = 6.4_f64.ln() / 27.0;
    let to_mel = |hz: f64| if hz < 1_000.0 { hz / STEP } else { 15.0 + (hz / 1_000.0).ln() / log_step };
    let to_hz = |mel: f64| if mel < 15.0 { mel * STEP } else { 1_000.0 * (log_step * (mel - 15.0)).exp() };
    let top = to_mel(hz(RATE) / 2.0);
    let corner = |i: u32| to_hz(top * f64::from(i) / 81.0);
    let bins: Vec<f64> = (0..201).map(|bin| f64::from(bin) * hz(RATE) / 400.0).collect();
    Bank::new((0..80).map(|i| {
        let corners = [corner(i), corner(i + 1), corner(i + 2)];
        triangle(&bins, corners, 2.0 / (corners[2] - corners[0]))
    }))
}

#[expect(clippy::cast_precision_loss, reason = "16,000")]
const fn hz(rate: usize) -> f64 {
    rate as f64
}

fn triangle(bins: &[f64], [left, centre, right]: [f64; 3], scale: f64) -> Vec<f64> {
    let weight = |f: &f64| ((f - left) / (centre - left)).min((right - f) / (right - centre)).max(0.0) * scale;
    bins.iter().map(weight).collect()
}

impl Bank {
    fn new(filters: impl Iterator<Item = Vec<f64>>) -> Self {
        let cut = |weights: Vec<f64>| {
            let first = weights.iter().position(|w| *w > 0.0).unwrap_or(0);
            let kept = weights.into_iter().skip(first).take_while(|w| *w > 0.0).collect();
            (first, kept)
        };
        Self { filters: filters.map(cut).collect() }
    }

    /// The energy of each filter.
    pub(crate) fn energies<'a>(&'a self, power: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.filters.iter().map(|(first, weights)| {
            let part = power.get(*first..).unwrap_or_default();
            weights.iter().zip(part).map(|(w, p)| w * p).sum()
        })
    }
}
