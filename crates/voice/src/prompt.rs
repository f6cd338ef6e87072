//! Which digits were said? The prompt is not recognised but *scored*: how well do the asked digits explain the sound, against
//! every other digit at every place?
//!
//! Recognising freely, a small Whisper repeats and drops digits. Here the decoder is led along the asked digits and asked at each
//! place for the probabilities of all ten. The smallest margin of an asked digit over the best other one is the reading: a
//! right prompt keeps a positive margin at every place, one wrong digit makes one place clearly negative. Two beginnings
//! (one that shows the form of an answer, one that shows nothing) and three hearings of the sound (as it is, a tenth quicker, and
//! a tenth of a second later) are averaged: in noise (6 dB) that accepts right digits about three times in four instead of
//! three in five.

use nn::Session;
use zeroize::Zeroize;

use crate::digits::{DIGITS, Digits};
use crate::error::VoiceError;
use crate::logmel::{SAMPLES, log_mel};
use crate::sound::Sound;

/// Decoder layers × keys and values, places, width.
const CROSS: [usize; 3] = [8, 400, 384];
const CROSS_LEN: usize = CROSS[0] * CROSS[1] * CROSS[2];
const TOKENS: usize = 32;
const ANSWERS: usize = 11;
/// Places in the decoder's token table behind the ten digits.
const END: usize = 10;
const START: u8 = 11;
const NO_TIMES: u8 = 12;
const PREVIOUS: u8 = 13;
/// A made-up earlier text: each digit once, in no order.
const SHOWN: [u8; 13] = [PREVIOUS, 4, 7, 1, 9, 0, 2, 8, 3, 5, 6, START, NO_TIMES];
const PLAIN: [u8; 2] = [START, NO_TIMES];
/// What may not be looked at.
const HIDDEN: f32 = -1e9;

pub(crate) const ENCODER_INPUT: (&str, [usize; 3]) = ("mel", [1, crate::logmel::MELS, crate::logmel::MEL_FRAMES]);
pub(crate) const ENCODER_OUTPUT: &str = "cross";
pub(crate) const DECODER_INPUTS: [(&str, &[usize]); 4] =
    [("ids", &[TOKENS]), ("positions", &[TOKENS]), ("mask", &[TOKENS, TOKENS]), ("cross", &CROSS)];
pub(crate) const DECODER_OUTPUT: &str = "logits";

/// What the decoder can look at: one encoded sound, heard in several ways.
pub struct Attended {
    hearings: Vec<Vec<f32>>,
}

/// A hearing goes through the sound so much quicker and begins so many samples later.
const HEARINGS: [(f32, usize); 3] = [(1.0, 0), (1.1, 0), (1.0, 1_600)];

/// How the asked digits explain a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spoken {
    /// Smallest margin of an asked digit over the best other digit, natural logarithm of probabilities; below 0: another digit fits
    /// better somewhere.
    pub margin: f32,
    /// Log probability that the sixth digit is the last one, against more digits.
    pub ended: f32,
}

/// Encodes the first 8 s of a sound.
pub(crate) fn attend(encoder: &mut Session, sound: &Sound) -> Result<Attended, VoiceError> {
    let mut hearings = Vec::with_capacity(HEARINGS.len());
    for (speed, later) in HEARINGS {
        let mut heard = vec![0.0; later];
        heard.extend(quicker(sound.samples(), speed));
        let mel = log_mel(heard.get(..SAMPLES).unwrap_or(&heard));
        heard.zeroize();
        let outputs = encoder.run(|input| input.copy_from_slice(&mel))?;
        hearings.push(outputs.named(ENCODER_OUTPUT, CROSS_LEN)?.to_vec());
    }
    Ok(Attended { hearings })
}

/// The samples in less time, linearly between neighbours; small shifts of pitch do not matter to the digits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "places within the samples"
)]
fn quicker(samples: &[f32], speed: f32) -> Vec<f32> {
    let count = (samples.len() as f32 / speed) as usize;
    let at = |n: usize| {
        let place = n as f32 * speed;
        let (first, share) = (place as usize, place.fract());
        let value = |i: usize| samples.get(i).copied().unwrap_or(0.0);
        value(first) * (1.0 - share) + value(first + 1) * share
    };
    (0..count).map(at).collect()
}

/// Scores a prompt against an encoded sound.
pub(crate) fn score(decoder: &mut Session, attended: &Attended, digits: &Digits) -> Result<Spoken, VoiceError> {
    let chains = [chain(&SHOWN, digits), chain(&PLAIN, digits)];
    fill(decoder, &chains)?;
    let mut mean = [[0.0_f32; ANSWERS]; DIGITS + 1];
    #[expect(clippy::cast_precision_loss, reason = "six")]
    let weight = 1.0 / (attended.hearings.len() * chains.len()) as f32;
    for cross in &attended.hearings {
        decoder.input_named("cross")?.copy_from_slice(cross);
        let logits = decoder.run_filled()?.named(DECODER_OUTPUT, TOKENS * ANSWERS)?;
        let rows: Vec<[f32; ANSWERS]> = logits.as_chunks::<ANSWERS>().0.iter().map(log_softmax).collect();
        let mut at = 0;
        for chain in &chains {
            at += chain.len();
            // The token before a digit predicts it, so the predictions are the last seven rows of a chain.
            let told = rows.get(at - DIGITS - 1..at).unwrap_or_default();
            for (sum, row) in mean.iter_mut().zip(told) {
                sum.iter_mut().zip(row).for_each(|(s, v)| *s += v * weight);
            }
        }
    }
    Ok(reading(&mean, digits))
}

fn reading(mean: &[[f32; ANSWERS]; DIGITS + 1], digits: &Digits) -> Spoken {
    let margin_at = |(row, digit): (&[f32; ANSWERS], &u8)| {
        let digit = usize::from(*digit);
        let own = row.get(digit).copied().unwrap_or(f32::MIN);
        let others = row.iter().take(END).enumerate().filter(|(d, _)| *d != digit);
        own - others.map(|(_, v)| *v).fold(f32::MIN, f32::max)
    };
    let margin = mean.iter().zip(digits.each()).map(margin_at).fold(f32::MAX, f32::min);
    let ended = mean.last().and_then(|row| row.get(END)).copied().unwrap_or(f32::MIN);
    Spoken { margin, ended }
}

fn chain(beginning: &[u8], digits: &Digits) -> Vec<u8> {
    beginning.iter().chain(digits.each()).copied().collect()
}

/// Writes tokens, positions and the mask: each token sees itself and the earlier ones of its own chain.
fn fill(decoder: &mut Session, chains: &[Vec<u8>]) -> Result<(), VoiceError> {
    let mut ids = [0.0_f32; TOKENS];
    let mut positions = [0.0_f32; TOKENS];
    let mut mask = [[HIDDEN; TOKENS]; TOKENS];
    // Unused tokens look at themselves only.
    mask.iter_mut().enumerate().for_each(|(at, row)| row.iter_mut().skip(at).take(1).for_each(|v| *v = 0.0));
    let mut first = 0;
    for chain in chains {
        for (place, token) in chain.iter().enumerate() {
            let at = first + place;
            #[expect(clippy::cast_precision_loss, reason = "below 32")]
            let position = place as f32;
            if let (Some(id), Some(p), Some(row)) = (ids.get_mut(at), positions.get_mut(at), mask.get_mut(at)) {
                (*id, *p) = (f32::from(*token), position);
                row.iter_mut().skip(first).take(place + 1).for_each(|v| *v = 0.0);
            }
        }
        first += chain.len();
    }
    decoder.input_named("ids")?.copy_from_slice(&ids);
    decoder.input_named("positions")?.copy_from_slice(&positions);
    decoder.input_named("mask")?.copy_from_slice(mask.as_flattened());
    Ok(())
}

fn log_softmax(row: &[f32; ANSWERS]) -> [f32; ANSWERS] {
    let most = row.iter().copied().fold(f32::MIN, f32::max);
    let sum: f32 = row.iter().map(|v| (v - most).exp()).sum();
    row.map(|v| v - most - sum.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_place_is_the_reading() {
        let digits = Digits::parse("012345").unwrap();
        let mut mean = [[-5.0; ANSWERS]; DIGITS + 1];
        for (place, row) in mean.iter_mut().enumerate() {
            row[if place < DIGITS { place } else { END }] = -0.1;
        }
        let spoken = reading(&mean, &digits);
        assert!((spoken.margin - 4.9).abs() < 1e-5 && (spoken.ended + 0.1).abs() < 1e-6);
        mean[3][9] = -0.05;
        assert!((reading(&mean, &digits).margin + 0.05).abs() < 1e-5);
    }

    #[test]
    fn both_chains_fit() {
        let digits = Digits::parse("999999").unwrap();
        assert!(chain(&SHOWN, &digits).len() + chain(&PLAIN, &digits).len() <= TOKENS);
    }
}
