//! Six digits: each place's probability over the ten digits.

use nn::Session;

use super::{Attended, Spoken, run};
use crate::digits::{DIGITS, Digits};
use crate::error::VoiceError;
use crate::language::Ear;

/// Tokens of one run.
pub(crate) const TOKENS: usize = 32;
/// A made-up earlier text: each digit once, in no order.
const SHOWN: [u32; 10] = [4, 7, 1, 9, 0, 2, 8, 3, 5, 6];

/// A decoder's token table, as its conversion lays it out.
struct Table {
    /// Ways to write a digit; the tokens of one way follow those of another.
    forms: usize,
    /// What begins an answer.
    start: Vec<u32>,
    /// What begins an earlier text.
    previous: u32,
}

/// Answers of a decoder: the digits in every form, and the end.
pub(crate) const fn answers(world: bool) -> usize {
    if world { 21 } else { 11 }
}

fn table(ear: Ear) -> Table {
    match ear {
        Ear::English => Table { forms: 1, start: vec![11, 12], previous: 13 },
        // Figures and Chinese characters; start, language, transcribe, no time stamps.
        Ear::World(language) => Table { forms: 2, start: vec![21, 25 + u32::from(language), 22, 23], previous: 24 },
    }
}

impl Table {
    fn chains(&self, digits: &Digits) -> [Vec<u32>; 2] {
        let said = || digits.each().iter().map(|d| u32::from(*d));
        let shown = std::iter::once(self.previous).chain(SHOWN).chain(self.start.iter().copied()).chain(said());
        [shown.collect(), self.start.iter().copied().chain(said()).collect()]
    }
}

/// Log probability of each digit, and of the end.
type Row = [f32; 11];

/// Scores a prompt against an encoded sound.
pub(super) fn score(
    decoder: &mut Session,
    attended: &Attended,
    digits: &Digits,
    ear: Ear,
) -> Result<Spoken, VoiceError> {
    let table = table(ear);
    let chains = table.chains(digits);
    run::fill(decoder, TOKENS, &chains)?;
    let mut mean = [[0.0_f32; 11]; DIGITS + 1];
    #[expect(clippy::cast_precision_loss, reason = "six")]
    let weight = 1.0 / (attended.hearings.len() * chains.len()) as f32;
    for cross in &attended.hearings {
        let sizes = (TOKENS, answers(attended.world));
        run::rows(decoder, sizes, cross, &chains, (DIGITS, 1), |row, logits| {
            let told = row_of(logits, table.forms);
            mean.iter_mut().skip(row).take(1).flatten().zip(told).for_each(|(s, v)| *s += v * weight);
        })?;
    }
    Ok(reading(&mean, digits))
}

/// Digits in any form are one digit.
fn row_of(logits: &[f32], forms: usize) -> Row {
    let all = run::log_sum(logits.iter().copied());
    std::array::from_fn(|answer| {
        let own = if answer == 10 { logits.get(forms * 10..) } else { None };
        let value = match own {
            Some(end) => run::log_sum(end.iter().take(1).copied()),
            None => run::log_sum(logits.iter().copied().skip(answer).step_by(10).take(forms)),
        };
        value - all
    })
}

fn reading(mean: &[Row; DIGITS + 1], digits: &Digits) -> Spoken {
    let margin_at = |(row, digit): (&Row, &u8)| {
        let digit = usize::from(*digit);
        let own = row.get(digit).copied().unwrap_or(f32::MIN);
        let others = row.iter().take(10).enumerate().filter(|(d, _)| *d != digit);
        own - others.map(|(_, v)| *v).fold(f32::MIN, f32::max)
    };
    let margin = mean.iter().zip(digits.each()).map(margin_at).fold(f32::MAX, f32::min);
    let ended = mean.last().and_then(|row| row.get(10)).copied().unwrap_or(f32::MIN);
    Spoken { margin, ended }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_place_is_the_reading() {
        let digits = Digits::parse("012345").unwrap();
        let mut mean = [[-5.0; 11]; DIGITS + 1];
        for (place, row) in mean.iter_mut().enumerate() {
            row[if place < DIGITS { place } else { 10 }] = -0.1;
        }
        let spoken = reading(&mean, &digits);
        assert!((spoken.margin - 4.9).abs() < 1e-5 && (spoken.ended + 0.1).abs() < 1e-6);
        mean[3][9] = -0.05;
        assert!((reading(&mean, &digits).margin + 0.05).abs() < 1e-5);
    }

    #[test]
    fn both_chains_fit() {
        let digits = Digits::parse("999999").unwrap();
        for ear in [Ear::English, Ear::World(98)] {
            assert!(table(ear).chains(&digits).concat().len() <= TOKENS);
        }
    }

    #[test]
    fn forms_of_a_digit_add_up() {
        let mut logits = [-20.0_f32; 21];
        (logits[3], logits[13], logits[20]) = (1.0, 1.0, 1.0);
        let row = row_of(&logits, 2);
        assert!((row[3] - (2.0_f32 / 3.0).ln()).abs() < 1e-4 && (row[10] - (1.0_f32 / 3.0).ln()).abs() < 1e-4);
    }
}
