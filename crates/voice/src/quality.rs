//! How usable a recording is, and through what it came.

use std::f64::consts::PI;

use realfft::RealFftPlanner;

use crate::limits::RATE;
use crate::sound::Sound;
use crate::speech::Speech;

/// Measured properties of a recording. Judged only in `decide`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Seconds of speech.
    pub speech_seconds: f32,
    /// Root mean square of the speech, dB below full scale (negative).
    pub level_db: f32,
    /// Share of samples at the ends of the scale, 0..=1.
    pub clipped: f32,
    /// Speech over background, dB; where there is no pause, over the quietest tenth of the steps.
    pub snr_db: f32,
    /// Energy of 4.2–7.5 kHz over 0.3–3.4 kHz, dB: below about −45 the sound came through a telephone channel.
    pub high_band_db: f32,
    /// Energy of 80–250 Hz over 0.3–3.4 kHz, dB: small loudspeakers give little of it.
    pub low_band_db: f32,
    /// When speech began, seconds from the start.
    pub began_at: f32,
}

/// Nothing is quieter than this.
const SILENCE_DB: f32 = -120.0;

impl Quality {
    /// `None`: there is no speech.
    pub fn of(sound: &Sound, speech: &Speech) -> Option<Self> {
        let began_at = speech.began_at()?;
        let (spoken, mut rest) = speech.energies(sound);
        let loud = mean(&spoken);
        if rest.len() < 4 {
            let mut all: Vec<f32> = spoken.iter().chain(&rest).copied().collect();
            all.sort_by(f32::total_cmp);
            all.truncate((all.len() / 10).max(1));
            rest = all;
        }
        let quiet = mean(&rest);
        let [low, middle, high] = bands(sound, speech);
        Some(Self {
            speech_seconds: speech.seconds(),
            level_db: db(loud),
            clipped: clipped(sound),
            snr_db: (db((loud - quiet).max(loud * 1e-3)) - db(quiet)).clamp(-20.0, 100.0),
            high_band_db: db(high) - db(middle),
            low_band_db: db(low) - db(middle),
            began_at,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "below 2^23")]
fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

fn db(energy: f32) -> f32 {
    if energy > 0.0 { (10.0 * energy.log10()).max(SILENCE_DB) } else { SILENCE_DB }
}

#[expect(clippy::cast_precision_loss, reason = "below 2^23")]
fn clipped(sound: &Sound) -> f32 {
    const END: f32 = 0.999;
    let at_end = sound.samples().iter().filter(|s| s.abs() >= END).count();
    at_end as f32 / sound.samples().len().max(1) as f32
}

/// Mean energy of speech in three bands.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "bins below 2^23; f32 is enough")]
fn bands(sound: &Sound, speech: &Speech) -> [f32; 3] {
    const POINTS: usize = 512;
    const EDGES: [(f64, f64); 3] = [(80.0, 250.0), (300.0, 3_400.0), (4_200.0, 7_500.0)];
    let fft = RealFftPlanner::<f64>::new().plan_fft_forward(POINTS);
    let mut spectrum = fft.make_output_vec();
    let window: Vec<f64> = (0..POINTS).map(|n| 0.5 - 0.5 * (2.0 * PI * n as f64 / POINTS as f64).cos()).collect();
    let mut sums = [0.0_f64; 3];
    for (at, step) in sound.samples().chunks_exact(POINTS).enumerate() {
        if !speech.holds(at * POINTS) {
            continue;
        }
        let mut input: Vec<f64> = step.iter().zip(&window).map(|(s, w)| f64::from(*s) * w).collect();
        if fft.process(&mut input, &mut spectrum).is_err() {
            continue;
        }
        for (bin, c) in spectrum.iter().enumerate() {
            let hz = bin as f64 * RATE as f64 / POINTS as f64;
            for (sum, (low, high)) in sums.iter_mut().zip(EDGES) {
                if (low..high).contains(&hz) {
                    *sum += c.norm_sqr();
                }
            }
        }
    }
    sums.map(|s| s as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::STEP;

    fn sound(amplitude: f32, hz: f32) -> (Sound, Speech) {
        let silent = vec![0.001; 10 * STEP];
        let tone = (0..20 * STEP).map(|n| amplitude * (n as f32 * hz * std::f32::consts::TAU / 16_000.0).sin());
        let samples = silent.iter().copied().chain(tone.map(|s| s.clamp(-1.0, 1.0))).collect();
        (Sound::from_samples(samples).unwrap(), Speech::of([vec![false; 10], vec![true; 20]].concat()))
    }

    #[test]
    fn level_noise_clipping_and_bands_are_measured() {
        let (s, speech) = sound(0.1, 1_000.0);
        let q = Quality::of(&s, &speech).unwrap();
        assert!((q.level_db + 23.0).abs() < 0.2, "{q:?}");
        assert!((q.snr_db - 37.0).abs() < 1.0, "{q:?}");
        assert!(q.clipped == 0.0 && q.high_band_db < -40.0 && q.low_band_db < -40.0, "{q:?}");
        assert!((q.began_at - 0.32).abs() < 1e-3 && (q.speech_seconds - 0.64).abs() < 1e-3);
        let (s, speech) = sound(3.0, 200.0);
        let q = Quality::of(&s, &speech).unwrap();
        assert!(q.clipped > 0.3 && q.low_band_db > 5.0, "{q:?}");
    }

    #[test]
    fn without_speech_there_is_no_quality() {
        assert_eq!(Quality::of(&Sound::from_samples(vec![0.0; 8_000]).unwrap(), &Speech::of(vec![false; 15])), None);
    }
}
