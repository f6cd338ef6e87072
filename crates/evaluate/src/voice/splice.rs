//! Random strings of six digits, spliced from single spoken digits of one speaker.

use std::collections::BTreeMap;
use std::path::Path;

use rand::{Rng, RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use voice::limits::RATE;
use voice::{DIGITS, Digits, Sound};

use super::list::{self, Clip};
use crate::EvaluateError;
use crate::limits::{LEAST_STRINGS, STRINGS_PER_SPEAKER};

/// One spoken string.
pub struct Spoken {
    pub speaker: String,
    pub said: Digits,
    /// What was not said: one digit changed, two neighbours swapped, another string.
    pub others: Vec<Digits>,
    pub sound: Sound,
}

const SEED: u64 = 20_261_124;
const WORDS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
/// Silence before the first digit, between two and after the last, seconds.
const BEFORE: f32 = 0.3;
const BETWEEN: f32 = 0.15;
const AFTER: f32 = 0.3;
/// Peak of each digit, and of the noise floor under all of it.
const PEAK: f32 = 0.5;
const FLOOR: f32 = 0.001;

/// Takes of each digit, by speaker.
type Takes = BTreeMap<String, [Vec<Sound>; 10]>;

/// Strings of every speaker who said each digit.
pub fn strings(data: &Path, clips: &[Clip]) -> Result<Vec<Spoken>, EvaluateError> {
    let mut takes: Takes = BTreeMap::new();
    for clip in clips.iter().filter(|c| c.subset == "fsdd" && c.is_bona_fide()) {
        let Some(digit) = WORDS.iter().position(|w| *w == clip.text) else { continue };
        let of_speaker = takes.entry(clip.speaker.clone()).or_default();
        if let Some(list) = of_speaker.get_mut(digit) {
            list.push(list::sound(data, clip)?);
        }
    }
    takes.retain(|_, each| each.iter().all(|list| !list.is_empty()));
    let each = LEAST_STRINGS.div_ceil(takes.len().max(1)).max(STRINGS_PER_SPEAKER);
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut all = Vec::new();
    for (speaker, takes) in &takes {
        for _ in 0..each {
            let said = Digits::draw(&mut || rng.next_u32());
            let sound = splice(takes, &said, &mut rng)?;
            all.push(Spoken { speaker: speaker.clone(), said, others: others(&said, &mut rng), sound });
        }
    }
    Ok(all)
}

fn splice(takes: &[Vec<Sound>; 10], said: &Digits, rng: &mut ChaCha8Rng) -> Result<Sound, EvaluateError> {
    let mut samples = vec![0.0; length(BEFORE)];
    for digit in said.each() {
        let list = takes.get(usize::from(*digit)).map_or(&[][..], Vec::as_slice);
        let take = list.get(below(rng, list.len())).map_or(&[][..], Sound::samples);
        let peak = take.iter().fold(1e-6_f32, |peak, s| peak.max(s.abs()));
        samples.extend(take.iter().map(|s| s / peak * PEAK));
        samples.resize(samples.len() + length(BETWEEN), 0.0);
    }
    samples.resize(samples.len() + length(AFTER), 0.0);
    samples.iter_mut().for_each(|s| *s += FLOOR * (rng.random::<f32>() * 2.0 - 1.0));
    Ok(Sound::from_samples(samples)?)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "seconds")]
fn length(seconds: f32) -> usize {
    (seconds * RATE as f32) as usize
}

fn below(rng: &mut ChaCha8Rng, n: usize) -> usize {
    rng.next_u32() as usize % n.max(1)
}

fn others(said: &Digits, rng: &mut ChaCha8Rng) -> Vec<Digits> {
    let mut changed = *said.each();
    if let Some(digit) = changed.get_mut(below(rng, DIGITS)) {
        *digit = (*digit + 1 + u8::try_from(below(rng, 9)).unwrap_or(0)) % 10;
    }
    let mut swapped = *said.each();
    let at = below(rng, DIGITS - 1);
    swapped.swap(at, at + 1);
    let another = Digits::draw(&mut || rng.next_u32());
    let all = [Digits::new(changed), Digits::new(swapped), Some(another)];
    // Two equal neighbours swapped are the same string.
    all.into_iter().flatten().filter(|o| o != said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_said_differs_in_the_asked_ways() {
        let said = Digits::parse("471902").unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..50 {
            let all = others(&said, &mut rng);
            assert!(all.len() == 3 && all.iter().all(|o| *o != said));
            let differing = |o: &Digits| o.each().iter().zip(said.each()).filter(|(a, b)| a != b).count();
            assert_eq!((differing(&all[0]), differing(&all[1])), (1, 2));
        }
    }

    #[test]
    fn a_spliced_string_has_its_length_and_level() {
        let takes: [Vec<Sound>; 10] = std::array::from_fn(|_| vec![Sound::from_samples(vec![0.1; 1_600]).unwrap()]);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let sound = splice(&takes, &Digits::parse("012345").unwrap(), &mut rng).unwrap();
        assert_eq!(sound.samples().len(), 4_800 + 6 * (1_600 + 2_400) + 4_800);
        let peak = sound.samples().iter().fold(0.0_f32, |p, s| p.max(s.abs()));
        assert!((peak - 0.5).abs() < 0.01);
    }
}
