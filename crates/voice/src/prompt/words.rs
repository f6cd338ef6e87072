//! Words: how far each asked word is behind the words that fit best where it should be.
//!
//! At each place only lower-case letters count, so that a comma or a capital, which Whisper likes to write, is no rival. A word's
//! loss is the sum over its tokens of how far each is behind the best one; the reading is the loss of the worst word. A right word is
//! mostly the best itself (0); another word is 5 and more behind.

use std::sync::Arc;

use nn::{Model, Session};

use super::{Attended, Spoken, Tokens, run};
use crate::error::VoiceError;
use crate::phrase::Phrase;

/// Tokens of one run.
pub(crate) const TOKENS: usize = 64;
/// Whisper tiny.en's vocabulary.
pub(crate) const VOCABULARY: usize = 51_864;
const START: u32 = 50_257;
const NO_TIMES: u32 = 50_362;
const PREVIOUS: u32 = 50_360;
/// A made-up earlier text that shows the form of an answer: small words, nothing between them.
const SHOWN: [&str; 5] = ["window", "table", "silver", "garden", "paper"];

/// Scores phrases against what the English network heard.
pub(crate) struct WordReader {
    decoder: Session,
    tokens: Arc<Tokens>,
    letters: Arc<[u32]>,
}

impl WordReader {
    pub(crate) fn new(decoder: &Model, tokens: Arc<Tokens>, letters: Arc<[u32]>) -> Result<Self, VoiceError> {
        Ok(Self { decoder: decoder.session()?, tokens, letters })
    }

    pub(crate) fn score(&mut self, attended: &Attended, phrase: &Phrase) -> Result<Spoken, VoiceError> {
        if attended.world {
            return Err(VoiceError::OtherEar);
        }
        let split = |word: &str| self.tokens.word(word).ok_or(VoiceError::TooManyWords);
        let words = phrase.words().iter().map(|w| split(w)).collect::<Result<Vec<_>, _>>()?;
        let shown = SHOWN.into_iter().map(split).collect::<Result<Vec<_>, _>>()?.concat();
        let said = words.concat();
        let start = [START, NO_TIMES];
        let chains = [[&[PREVIOUS], shown.as_slice(), &start, &said].concat(), [start.as_slice(), &said].concat()];
        run::fill(&mut self.decoder, TOKENS, &chains)?;
        let mut mean = vec![vec![0.0_f32; self.letters.len()]; said.len()];
        #[expect(clippy::cast_precision_loss, reason = "six")]
        let weight = 1.0 / (attended.hearings.len() * chains.len()) as f32;
        let letters = &self.letters;
        for cross in &attended.hearings {
            run::rows(&mut self.decoder, (TOKENS, VOCABULARY), cross, &chains, (said.len(), 0), |row, logits| {
                let own = letters.iter().map(|t| logits.get(*t as usize).copied().unwrap_or(f32::MIN));
                let all = run::log_sum(own.clone());
                mean.iter_mut().skip(row).take(1).flatten().zip(own).for_each(|(m, v)| *m += (v - all) * weight);
            })?;
        }
        let losses: Vec<f32> = mean.iter().zip(&said).map(|(row, token)| self.loss(row, *token)).collect();
        Ok(Spoken { margin: reading(&losses, words.iter().map(Vec::len)), ended: 0.0 })
    }

    /// How far a token is behind the best other one; 0 where it is the best.
    fn loss(&self, row: &[f32], token: u32) -> f32 {
        let own = self.letters.binary_search(&token).ok().and_then(|at| row.get(at)).copied().unwrap_or(f32::MIN);
        (own - row.iter().copied().fold(f32::MIN, f32::max)).min(0.0)
    }
}

/// The worst word's sum.
fn reading(losses: &[f32], lengths: impl Iterator<Item = usize>) -> f32 {
    let mut from = 0;
    let mut worst = 0.0_f32;
    for length in lengths {
        worst = worst.min(losses.iter().skip(from).take(length).sum());
        from += length;
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_word_is_the_reading() {
        assert_eq!(reading(&[0.0, -1.0, -2.0, -2.5, 0.0], [1, 2, 2].into_iter()), -3.0);
        assert_eq!(reading(&[0.0, 0.0], [2].into_iter()), 0.0);
    }
}
