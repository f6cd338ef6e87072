//! Vectors, trials and tallies.

use std::collections::{BTreeMap, BTreeSet};

use decide::{Cosine, PromptMargin, SoundQuality, VoiceMatch, VoicePolicy};
use voice::{Analyzer, Embedding, Prompt, Quality, Sound, VoiceError};

use super::splice::Spoken;
use super::{PromptRow, RATES, SubsetRow, TtsRow, sound_quality};
use crate::EvaluateError;
use crate::metrics::{Scores, ratio};

/// Clips averaged in a template.
const TEMPLATE: usize = 3;

/// A clip's vector and quality.
pub struct Measured {
    pub speaker: String,
    pub embedding: Embedding,
    pub quality: SoundQuality,
}

/// `None`: no usable speech in it.
pub fn clip(analyzer: &mut Analyzer, speaker: &str, sound: &Sound) -> Result<Option<Measured>, EvaluateError> {
    let speech = analyzer.speech(sound)?;
    let Some(quality) = Quality::of(sound, &speech) else { return Ok(None) };
    match analyzer.embed(sound, &speech) {
        Ok(embedding) => {
            Ok(Some(Measured { speaker: speaker.to_owned(), embedding, quality: sound_quality(&quality) }))
        }
        Err(VoiceError::TooShort) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// All pairs of a set.
pub fn row(subset: &'static str, clips: &[Measured]) -> SubsetRow {
    let mut scores = Scores::default();
    for (at, a) in clips.iter().enumerate() {
        for b in clips.iter().skip(at + 1) {
            scores.push(a.speaker == b.speaker, a.embedding.cosine(&b.embedding));
        }
    }
    let scores = scores.finish();
    SubsetRow {
        subset,
        speakers: clips.iter().map(|c| c.speaker.as_str()).collect::<BTreeSet<_>>().len(),
        genuine: scores.genuine(),
        impostor: scores.impostor(),
        eer: scores.eer(),
        tar_at_fmr: RATES.into_iter().map(|(name, rate)| (name, scores.tar_at_fmr(rate))).collect(),
    }
}

/// Every synthetic clip against a template of each speaker's first three clips.
pub fn synthetic<'m>(
    bona_fide: impl Iterator<Item = &'m Measured>,
    synthetic: &[Measured],
    policy: &VoicePolicy,
) -> Result<TtsRow, EvaluateError> {
    let mut by_speaker: BTreeMap<&str, Vec<&Embedding>> = BTreeMap::new();
    for clip in bona_fide {
        by_speaker.entry(&clip.speaker).or_default().push(&clip.embedding);
    }
    let (mut n, mut accepted) = (0, 0);
    for clips in by_speaker.values().filter(|clips| clips.len() >= TEMPLATE) {
        let template = Embedding::mean(clips.iter().take(TEMPLATE).copied())?;
        for clip in synthetic {
            let score = Cosine::new(template.cosine(&clip.embedding));
            let matched = score.map(|score| VoiceMatch { score, clips: u8::try_from(TEMPLATE).unwrap_or(0) });
            n += 1;
            accepted += usize::from(matched.is_some_and(|m| policy.accepts(m, &clip.quality)));
        }
    }
    Ok(TtsRow { n, accepted: (n > 0).then(|| ratio(accepted, n)) })
}

/// Right and wrong prompts.
#[derive(Default)]
pub struct PromptTally {
    right: (usize, usize),
    wrong: (usize, usize),
}

impl PromptTally {
    pub fn add(&mut self, analyzer: &mut Analyzer, string: &Spoken, policy: &VoicePolicy) -> Result<(), EvaluateError> {
        let speech = analyzer.speech(&string.sound)?;
        let attended = match analyzer.attend(&string.sound, &speech, &Prompt::english(string.said)) {
            Ok(attended) => attended,
            // Nothing heard: nothing is accepted.
            Err(VoiceError::TooShort) => {
                self.right.1 += 1;
                self.wrong.1 += string.others.len();
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let asked = std::iter::once((true, &string.said)).chain(string.others.iter().map(|o| (false, o)));
        for (right, digits) in asked {
            let margin = analyzer.score(&attended, &Prompt::english(*digits))?.margin;
            let tally = if right { &mut self.right } else { &mut self.wrong };
            tally.0 += usize::from(policy.accepts_prompt(PromptMargin::Digits(margin)));
            tally.1 += 1;
        }
        Ok(())
    }

    pub fn row(&self) -> PromptRow {
        let share = |(part, whole): (usize, usize)| (whole > 0).then(|| ratio(part, whole));
        PromptRow { n: self.right.1, accepted_right: share(self.right), accepted_wrong: share(self.wrong) }
    }
}
