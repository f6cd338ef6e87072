//! Another sample rate to 16 kHz, by a windowed sinc.

use std::f64::consts::PI;

use crate::limits::RATE;

/// Zero crossings of the sinc on each side.
const REACH: f64 = 16.0;

/// `samples` at `rate` Hz as samples at 16 kHz; the same when it is that already.
pub(crate) fn resample(samples: Vec<f32>, rate: u32) -> Vec<f32> {
    if rate as usize == RATE || samples.is_empty() {
        return samples;
    }
    #[expect(clippy::cast_precision_loss, reason = "below 2^52 samples")]
    let (step, length) = (f64::from(rate) / RATE as f64, samples.len() as f64);
    // Below both Nyquist frequencies, with a little room for the filter's slope.
    let cut = (1.0 / step).min(1.0) * 0.95;
    let wide = REACH / cut;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive length")]
    let count = (length / step) as usize;
    let at = |n: usize| {
        #[expect(clippy::cast_precision_loss, reason = "below 2^52 samples")]
        let centre = n as f64 * step;
        value_at(&samples, centre, cut, wide)
    };
    (0..count).map(at).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "places within the samples"
)]
fn value_at(samples: &[f32], centre: f64, cut: f64, wide: f64) -> f32 {
    let first = (centre - wide).ceil().max(0.0) as usize;
    let last = ((centre + wide).floor() as usize).min(samples.len().saturating_sub(1));
    let near = samples.get(first..=last).unwrap_or_default();
    let sum: f64 = near
        .iter()
        .enumerate()
        .map(|(i, s)| {
            let x = (first + i) as f64 - centre;
            let sinc = if x.abs() < 1e-9 { cut } else { (PI * cut * x).sin() / (PI * x) };
            let window = 0.5 + 0.5 * (PI * x / wide).cos();
            f64::from(*s) * sinc * window
        })
        .sum();
    sum as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_pitch_and_level_and_one_above_the_limit_goes() {
        let tone = |rate: u32, hz: f64| {
            (0..rate).map(|n| (2.0 * PI * hz * f64::from(n) / f64::from(rate)).sin() as f32).collect::<Vec<f32>>()
        };
        for rate in [8_000, 22_050, 44_100, 48_000] {
            let got = resample(tone(rate, 1_000.0), rate);
            let want = tone(16_000, 1_000.0);
            let worst = got[1_000..15_000].iter().zip(&want[1_000..15_000]).map(|(a, b)| (a - b).abs());
            assert!(worst.fold(0.0, f32::max) < 0.01, "{rate}");
        }
        let gone = resample(tone(48_000, 12_000.0), 48_000);
        assert!(gone[1_000..15_000].iter().all(|s| s.abs() < 0.01));
    }
}
