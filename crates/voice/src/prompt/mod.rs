//! Was the prompt said? It is not recognised but *scored*: how well do the asked digits or words explain the sound, against every
//! other digit or word at every place?
//!
//! Recognising freely, a small Whisper repeats and drops digits. Here the decoder is led along what was asked and gives at each
//! place the probabilities of everything that could stand there. The worst place is the reading. Two beginnings
//! (one that shows the form of an answer, one that shows nothing) and three hearings of the sound (as it is, a tenth quicker, and
//! a tenth of a second later) are averaged: in noise (6 dB) that accepts right digits about three times in four instead of
//! three in five.

mod digits;
mod run;
mod tokens;
mod words;

use nn::{Model, Session};
use zeroize::Zeroize;

use crate::digits::Digits;
use crate::error::VoiceError;
use crate::language::{Ear, Language};
use crate::logmel::{SAMPLES, log_mel};
use crate::phrase::Phrase;
use crate::sound::Sound;

pub(crate) use digits::TOKENS as DIGIT_TOKENS;
pub(crate) use tokens::Tokens;
pub(crate) use words::TOKENS as WORD_TOKENS;
pub(crate) use words::WordReader;

pub(crate) const ENCODER_INPUT: (&str, [usize; 3]) = ("mel", [1, crate::logmel::MELS, crate::logmel::MEL_FRAMES]);
pub(crate) const ENCODER_OUTPUT: &str = "cross";
pub(crate) const DECODER_OUTPUT: &str = "logits";

/// What has to be said.
#[derive(PartialEq, Eq)]
pub enum Prompt {
    Digits(Digits, Language),
    /// English words.
    Phrase(Phrase),
}

impl Prompt {
    /// Digits in English.
    pub const fn english(digits: Digits) -> Self {
        Self::Digits(digits, Language::ENGLISH)
    }

    pub const fn language(&self) -> Language {
        match self {
            Self::Digits(_, language) => *language,
            Self::Phrase(_) => Language::ENGLISH,
        }
    }

    const fn ear(&self) -> Ear {
        self.language().ear()
    }
}

/// How what was asked explains a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spoken {
    /// Smallest margin of what was asked over anything else at any place, natural logarithm of probabilities. Digits: against the best
    /// other digit; below 0 another digit fits better somewhere. Words: against the best other words, at most 0.
    pub margin: f32,
    /// Log probability that the last digit is the last one, against more digits. 0 for words.
    pub ended: f32,
}

/// What the decoder can look at: one encoded sound, heard in several ways by one of the networks.
pub struct Attended {
    hearings: Vec<Vec<f32>>,
    world: bool,
}

/// A hearing goes through the sound so much quicker and begins so many samples later.
const HEARINGS: [(f32, usize); 3] = [(1.0, 0), (1.1, 0), (1.0, 1_600)];

/// A Whisper that hears digits; may hear words as well.
pub(crate) struct Whisper {
    encoder: Session,
    decoder: Session,
    world: bool,
}

/// The sizes of a Whisper's inner pictures: decoder layers × keys and values, places, width.
pub(crate) const fn cross(world: bool) -> [usize; 3] {
    if world { [12, 400, 512] } else { [8, 400, 384] }
}

impl Whisper {
    pub(crate) fn new(encoder: &Model, decoder: &Model, world: bool) -> Result<Self, VoiceError> {
        Ok(Self { encoder: encoder.session()?, decoder: decoder.session()?, world })
    }

    /// Encodes the first 8 s of a sound.
    pub(crate) fn attend(&mut self, sound: &Sound) -> Result<Attended, VoiceError> {
        let mut hearings = Vec::with_capacity(HEARINGS.len());
        for (speed, later) in HEARINGS {
            let mut heard = vec![0.0; later];
            heard.extend(quicker(sound.samples(), speed));
            let mel = log_mel(heard.get(..SAMPLES).unwrap_or(&heard));
            heard.zeroize();
            let outputs = self.encoder.run(|input| input.copy_from_slice(&mel))?;
            hearings.push(outputs.named(ENCODER_OUTPUT, cross(self.world).iter().product())?.to_vec());
        }
        Ok(Attended { hearings, world: self.world })
    }

    /// Scores digits against what this network encoded.
    pub(crate) fn digits(
        &mut self,
        attended: &Attended,
        digits: &Digits,
        language: Language,
    ) -> Result<Spoken, VoiceError> {
        if attended.world != self.world || matches!(language.ear(), Ear::World(_)) != self.world {
            return Err(VoiceError::OtherEar);
        }
        digits::score(&mut self.decoder, attended, digits, language.ear())
    }
}

impl Attended {
    /// Whether the multilingual network heard it.
    pub(crate) const fn is_world(&self) -> bool {
        self.world
    }
}

/// Whether this prompt takes the multilingual network.
pub(crate) const fn takes_world(prompt: &Prompt) -> bool {
    matches!(prompt.ear(), Ear::World(_))
}

/// The samples in less time, linearly between neighbours; small shifts of pitch do not matter to what is said.
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
