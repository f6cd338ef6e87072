use nn::Session;

use crate::digits::Digits;
use crate::embedding::Embedding;
use crate::error::VoiceError;
use crate::fbank::BANDS;
use crate::limits::RATE;
use crate::prompt::{self, Attended, Spoken};
use crate::sound::Sound;
use crate::speaker;
use crate::speech::{Speech, SpeechTracker};

/// Everything that listens, with its own scratch memory: one per worker thread.
pub struct Analyzer {
    speaker: Session,
    speech: Session,
    encoder: Session,
    decoder: Session,
}

/// Silence kept before and after the speech for the prompt, samples.
const AROUND: usize = RATE / 4;

impl Analyzer {
    pub(crate) fn new([speaker, speech, encoder, decoder]: [Session; 4]) -> Self {
        Self { speaker, speech, encoder, decoder }
    }

    /// Where there is speech in a whole sound.
    ///
    /// # Errors
    /// The engine fails.
    pub fn speech(&mut self, sound: &Sound) -> Result<Speech, VoiceError> {
        let mut tracker = SpeechTracker::default();
        tracker.push(&mut self.speech, sound.samples())?;
        tracker.finish(&mut self.speech)
    }

    /// The same while the sound comes in.
    ///
    /// # Errors
    /// The engine fails, or it becomes too long.
    pub fn track(&mut self, tracker: &mut SpeechTracker, samples: &[f32]) -> Result<(), VoiceError> {
        tracker.push(&mut self.speech, samples)
    }

    /// The end of [`Analyzer::track`].
    ///
    /// # Errors
    /// The engine fails.
    pub fn tracked(&mut self, tracker: SpeechTracker) -> Result<Speech, VoiceError> {
        tracker.finish(&mut self.speech)
    }

    /// The speaker vector of the first 3 s of speech.
    ///
    /// # Errors
    /// Less than half a second of speech, or the engine fails.
    pub fn embed(&mut self, sound: &Sound, speech: &Speech) -> Result<Embedding, VoiceError> {
        speaker::embed(&mut self.speaker, &speaker::speech_banks(sound, speech))
    }

    /// The mean speaker vector of up to `most` windows of 3 s that cover all speech.
    ///
    /// # Errors
    /// As [`Analyzer::embed`].
    pub fn embed_all(&mut self, sound: &Sound, speech: &Speech, most: usize) -> Result<Embedding, VoiceError> {
        let banks = speaker::speech_banks(sound, speech);
        let starts = speaker::windows(banks.len() / BANDS, most);
        let each = starts.into_iter().map(|at| {
            let part = banks.get(at * BANDS..).unwrap_or_default();
            speaker::embed(&mut self.speaker, part)
        });
        Embedding::mean(&each.collect::<Result<Vec<_>, _>>()?)
    }

    /// The vector of 298×80 centred filter banks, as they are.
    ///
    /// # Errors
    /// Too few, or the engine fails.
    pub fn embed_banks(&mut self, banks: &[f32]) -> Result<Embedding, VoiceError> {
        speaker::embed(&mut self.speaker, banks)
    }

    /// Encodes the speech for [`Analyzer::score`]: up to 8 s from shortly before it begins.
    ///
    /// # Errors
    /// No speech, or the engine fails.
    pub fn attend(&mut self, sound: &Sound, speech: &Speech) -> Result<Attended, VoiceError> {
        let span = speech.span().ok_or(VoiceError::TooShort)?;
        prompt::attend(&mut self.encoder, &sound.part(span.start.saturating_sub(AROUND), span.end + AROUND))
    }

    /// How well the digits explain what was encoded.
    ///
    /// # Errors
    /// The engine fails.
    pub fn score(&mut self, attended: &Attended, digits: &Digits) -> Result<Spoken, VoiceError> {
        prompt::score(&mut self.decoder, attended, digits)
    }
}
