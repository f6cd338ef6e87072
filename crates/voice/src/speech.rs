//! Where there is speech: Silero VAD over 32 ms steps, fed as the sound comes in.

use std::ops::Range;

use nn::Session;

use crate::error::VoiceError;
use crate::limits::{MAX_SAMPLES, RATE};
use crate::sound::Sound;

/// Samples of one step (32 ms).
pub(crate) const STEP: usize = 512;
/// Steps of one run of the network.
pub(crate) const ROWS: usize = 4;
/// Samples of the step before that each row begins with.
const CONTEXT: usize = 64;
pub(crate) const ROW: usize = CONTEXT + STEP;
pub(crate) const STATE: usize = 128;

/// Speech begins at this probability and ends below the lower one (the network's authors' values). What counts as speech is a
/// measurement; how much of it a payment needs is `decide`'s.
const BEGINS: f32 = 0.5;
const ENDS: f32 = 0.35;
/// Steps around speech that belong to it: soft beginnings and ends.
const MARGIN: usize = 2;

/// Speech activity of a sound while it comes in.
pub struct SpeechTracker {
    h: [f32; STATE],
    c: [f32; STATE],
    context: [f32; CONTEXT],
    /// Not yet a full run.
    waiting: Vec<f32>,
    steps: Vec<bool>,
    speaking: bool,
}

impl Default for SpeechTracker {
    fn default() -> Self {
        let (state, context) = ([0.0; STATE], [0.0; CONTEXT]);
        Self { h: state, c: state, context, waiting: Vec::new(), steps: Vec::new(), speaking: false }
    }
}

impl SpeechTracker {
    /// Hears more samples; they are looked at in runs of 128 ms.
    pub(crate) fn push(&mut self, session: &mut Session, samples: &[f32]) -> Result<(), VoiceError> {
        if self.steps.len() * STEP + self.waiting.len() + samples.len() > MAX_SAMPLES + ROWS * STEP {
            return Err(VoiceError::TooLong);
        }
        self.waiting.extend_from_slice(samples);
        while self.waiting.len() >= ROWS * STEP {
            let run: Vec<f32> = self.waiting.drain(..ROWS * STEP).collect();
            self.look(session, &run)?;
        }
        Ok(())
    }

    /// Looks at the rest, with silence behind it.
    pub(crate) fn finish(mut self, session: &mut Session) -> Result<Speech, VoiceError> {
        let rest = self.waiting.len().div_ceil(STEP);
        if rest > 0 {
            let known = self.steps.len() + rest;
            let mut run = std::mem::take(&mut self.waiting);
            run.resize(ROWS * STEP, 0.0);
            self.look(session, &run)?;
            self.steps.truncate(known);
        }
        Ok(Speech { steps: self.steps })
    }

    fn look(&mut self, session: &mut Session, run: &[f32]) -> Result<(), VoiceError> {
        let mut context = self.context;
        for (row, step) in session.input_named("input")?.chunks_exact_mut(ROW).zip(run.chunks_exact(STEP)) {
            let (before, new) = row.split_at_mut(CONTEXT);
            before.copy_from_slice(&context);
            new.copy_from_slice(step);
            if let Some(last) = step.last_chunk() {
                context = *last;
            }
        }
        self.context = context;
        session.input_named("h")?.copy_from_slice(&self.h);
        session.input_named("c")?.copy_from_slice(&self.c);
        let outputs = session.run_filled()?;
        self.h.copy_from_slice(outputs.named("hn", STATE)?);
        self.c.copy_from_slice(outputs.named("cn", STATE)?);
        for probability in outputs.named("speech_probs", ROWS)? {
            self.speaking = *probability >= if self.speaking { ENDS } else { BEGINS };
            self.steps.push(self.speaking);
        }
        Ok(())
    }

    /// Seconds of speech so far.
    pub fn speech_seconds(&self) -> f32 {
        seconds(self.steps.iter().filter(|s| **s).count())
    }

    /// Seconds since the last speech; `None` before the first.
    pub fn silent_for(&self) -> Option<f32> {
        self.steps.iter().rev().position(|s| *s).map(seconds)
    }

    /// Whether the last look saw speech.
    pub const fn is_speaking(&self) -> bool {
        self.speaking
    }

    /// When speech first began, seconds from the start.
    pub fn began_at(&self) -> Option<f32> {
        self.steps.iter().position(|s| *s).map(seconds)
    }
}

/// The speech of a whole sound.
pub struct Speech {
    steps: Vec<bool>,
}

impl Speech {
    /// Seconds of speech.
    pub fn seconds(&self) -> f32 {
        seconds(self.steps.iter().filter(|s| **s).count())
    }

    /// When speech first began, seconds from the start.
    pub fn began_at(&self) -> Option<f32> {
        self.steps.iter().position(|s| *s).map(seconds)
    }

    /// From shortly before the first to shortly after the last speech, in samples; `None` without any.
    pub fn span(&self) -> Option<Range<usize>> {
        let first = self.steps.iter().position(|s| *s)?;
        let last = self.steps.iter().rposition(|s| *s)?;
        Some(first.saturating_sub(MARGIN) * STEP..(last + 1 + MARGIN) * STEP)
    }

    /// Whether the sample at this place belongs to speech, soft edges included.
    pub fn holds(&self, sample: usize) -> bool {
        let step = sample / STEP;
        let near = self.steps.get(step.saturating_sub(MARGIN)..(step + MARGIN + 1).min(self.steps.len()));
        near.unwrap_or_default().iter().any(|s| *s)
    }

    /// Mean squares of the 32 ms steps with speech and of those well away from it.
    pub(crate) fn energies(&self, sound: &Sound) -> (Vec<f32>, Vec<f32>) {
        let (mut speech, mut rest) = (Vec::new(), Vec::new());
        for (at, step) in sound.samples().chunks_exact(STEP).enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "512")]
            let energy = step.iter().map(|s| s * s).sum::<f32>() / STEP as f32;
            if self.steps.get(at).copied().unwrap_or(false) {
                speech.push(energy);
            } else if !self.holds(at * STEP) {
                rest.push(energy);
            }
        }
        (speech, rest)
    }

    /// For tests and synthetic sounds: speech where the steps say so.
    #[cfg(test)]
    pub(crate) fn of(steps: Vec<bool>) -> Self {
        Self { steps }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand steps")]
fn seconds(steps: usize) -> f32 {
    (steps * STEP) as f32 / RATE as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_has_soft_edges_and_pauses_belong_to_it() {
        let mut steps = vec![false; 20];
        (5..8).chain(12..14).for_each(|at| steps[at] = true);
        let speech = Speech::of(steps);
        assert_eq!(speech.span(), Some(3 * STEP..16 * STEP));
        assert!((speech.seconds() - 5.0 * 0.032).abs() < 1e-6);
        assert!((speech.began_at().unwrap() - 0.16).abs() < 1e-6);
        assert!(
            speech.holds(3 * STEP) && speech.holds(10 * STEP) && !speech.holds(2 * STEP) && !speech.holds(16 * STEP)
        );
        assert_eq!(Speech::of(vec![false; 5]).span(), None);
    }
}
