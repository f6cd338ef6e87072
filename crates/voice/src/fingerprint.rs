//! Sound that was heard before: 32-bit words, one every 16 ms, that survive coding, level and a little noise.
//!
//! After Haitsma and Kalker (ISMIR 2002): bit b says whether the step in energy between bands b and b+1 grew since the word before;
//! 33 bands of equal width on a logarithmic scale, 300 Hz to 3.4 kHz, so that a telephone channel keeps them. Words of the
//! same recording differ in few bits, words of the same person saying the same again in about four of ten. The measure
//! is the share of the speech that lies in stretches of [`STRETCH`] words with at most [`SEEN_BITS`] differing bits, so that
//! a new order of old pieces is recognised, too.

use std::f64::consts::PI;

use realfft::RealFftPlanner;

use crate::limits::{MAX_FINGERPRINT, RATE};
use crate::sound::Sound;
use crate::speech::Speech;

const POINTS: usize = 4_096;
const HOP: usize = 256;
const BANDS: usize = 33;
/// Words of one compared stretch: 0.38 s (with the window 0.64 s of sound).
pub const STRETCH: usize = 24;
/// Most differing bits of a stretch that was heard before, of 768.
pub const SEEN_BITS: u32 = 140;

/// The words of a sound's speech, at most [`MAX_FINGERPRINT`].
#[expect(clippy::cast_precision_loss, reason = "below 2^23")]
pub fn words(sound: &Sound, speech: &Speech) -> Vec<u32> {
    let Some(span) = speech.span() else { return Vec::new() };
    let part = sound.part(span.start.saturating_sub(POINTS / 2), span.end + POINTS / 2);
    let fft = RealFftPlanner::<f64>::new().plan_fft_forward(POINTS);
    let mut spectrum = fft.make_output_vec();
    let window: Vec<f64> = (0..POINTS).map(|n| 0.5 - 0.5 * (2.0 * PI * n as f64 / POINTS as f64).cos()).collect();
    let edges: Vec<f64> = (0..=BANDS).map(|b| 300.0 * (3_400.0_f64 / 300.0).powf(b as f64 / BANDS as f64)).collect();
    let bin = |hz: f64| hz * POINTS as f64 / RATE as f64;
    let mut last: Option<Vec<f64>> = None;
    let mut words = Vec::new();
    for frame in part.samples().windows(POINTS).step_by(HOP).take(MAX_FINGERPRINT + 1) {
        let mut input: Vec<f64> = frame.iter().zip(&window).map(|(s, w)| f64::from(*s) * w).collect();
        if fft.process(&mut input, &mut spectrum).is_err() {
            break;
        }
        let energies: Vec<f64> = edges
            .windows(2)
            .map(|edge| match edge {
                [low, high] => energy(&spectrum, bin(*low), bin(*high)),
                _ => 0.0,
            })
            .collect();
        let steps: Vec<f64> =
            energies.windows(2).map(|e| e.first().unwrap_or(&0.0) - e.last().unwrap_or(&0.0)).collect();
        if let Some(before) = &last {
            words.push(steps.iter().zip(before).fold(0, |word, (now, then)| word << 1 | u32::from(now > then)));
        }
        last = Some(steps);
    }
    words
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bins of the transform")]
fn energy(spectrum: &[realfft::num_complex::Complex<f64>], from: f64, to: f64) -> f64 {
    let bins = spectrum.get(from.round() as usize..(to.round() as usize).max(from.round() as usize + 1));
    bins.unwrap_or_default().iter().map(|c| c.norm_sqr()).sum()
}

/// Share of `now`'s words that lie in a stretch that one of the `earlier` sounds holds as well, 0..=1.
#[expect(clippy::cast_precision_loss, reason = "below 2^23")]
pub fn share_heard_before<'a>(now: &[u32], earlier: impl IntoIterator<Item = &'a [u32]>) -> f32 {
    if now.len() < STRETCH {
        return 0.0;
    }
    let mut seen = vec![false; now.len()];
    for old in earlier {
        let lines = i64::try_from(old.len()).unwrap_or(0);
        for shift in -i64::try_from(now.len()).unwrap_or(0)..lines {
            mark(now, old, shift, &mut seen);
        }
    }
    seen.iter().filter(|s| **s).count() as f32 / now.len() as f32
}

/// Compares `now[i]` with `old[i + shift]` wherever both exist.
fn mark(now: &[u32], old: &[u32], shift: i64, seen: &mut [bool]) {
    let ahead = usize::try_from(shift).unwrap_or(0);
    let behind = usize::try_from(-shift).unwrap_or(0);
    let pairs = now.iter().skip(behind).zip(old.iter().skip(ahead));
    let differing: Vec<u32> = pairs.map(|(a, b)| (a ^ b).count_ones()).collect();
    let mut sum: u32 = differing.iter().take(STRETCH).sum();
    for first in 0..=differing.len().saturating_sub(STRETCH) {
        if differing.len() < STRETCH {
            return;
        }
        if sum <= SEEN_BITS {
            seen.iter_mut().skip(behind + first).take(STRETCH).for_each(|s| *s = true);
        }
        sum += differing.get(first + STRETCH).copied().unwrap_or(0);
        sum -= differing.get(first).copied().unwrap_or(0);
    }
}

/// Two words in one, for a store that keeps 64-bit numbers.
pub fn pack(words: &[u32]) -> Vec<u64> {
    words.chunks(2).map(|pair| pair.iter().fold(0, |both, w| both << 32 | u64::from(*w))).collect()
}

/// The words of [`pack`]; an odd last one comes back with an empty one before it.
pub fn unpack(packed: &[u64]) -> Vec<u32> {
    #[expect(clippy::cast_possible_truncation, reason = "the halves")]
    let halves = |both: &u64| [(*both >> 32) as u32, *both as u32];
    packed.iter().flat_map(halves).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32, count: usize) -> Vec<u32> {
        let mut x = seed;
        (0..count)
            .map(|_| {
                x ^= x << 13;
                x ^= x >> 17;
                x ^= x << 5;
                x
            })
            .collect()
    }

    #[test]
    fn what_was_heard_before_is_found_in_any_order_and_with_bit_faults() {
        let old = noise(7, 200);
        let faulty: Vec<u32> = old.iter().zip(noise(9, 200)).map(|(w, n)| w ^ (n & n >> 7 & n >> 13)).collect();
        assert_eq!(share_heard_before(&faulty, [old.as_slice()]), 1.0);
        let swapped = [&old[100..150], &old[0..50]].concat();
        assert_eq!(share_heard_before(&swapped, [noise(3, 90).as_slice(), &old]), 1.0);
        let half = [&old[20..70], &noise(11, 50)[..]].concat();
        // A stretch that is half old still counts, so the edge of the new part is marked, too.
        let share = share_heard_before(&half, [old.as_slice()]);
        assert!((0.5..0.7).contains(&share), "{share}");
    }

    #[test]
    fn something_else_is_not() {
        assert_eq!(share_heard_before(&noise(1, 300), [noise(2, 300).as_slice()]), 0.0);
        assert_eq!(share_heard_before(&noise(1, 10), [noise(1, 10).as_slice()]), 0.0, "too short to tell");
        assert_eq!(share_heard_before(&noise(1, 300), []), 0.0);
        assert_eq!(share_heard_before(&noise(1, 300), [&noise(2, 5)[..]]), 0.0);
    }

    #[test]
    fn packed_and_back() {
        let words = noise(5, 10);
        assert_eq!(unpack(&pack(&words)), words);
        assert_eq!(unpack(&pack(&words[..3])).len(), 4);
    }
}
