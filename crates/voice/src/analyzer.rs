use nn::Session;

use crate::embedding::Embedding;
use crate::error::VoiceError;
use crate::fbank::BANDS;
use crate::limits::RATE;
use crate::living::LivingSession;
use crate::prompt::{self, Attended, Prompt, Spoken, Whisper, WordReader};
use crate::sound::Sound;
use crate::speaker;
use crate::speech::{Speech, SpeechTracker};

/// Everything that listens, with its own scratch memory: one per worker thread.
pub struct Analyzer {
    speaker: Session,
    speech: Session,
    english: Whisper,
    world: Option<Whisper>,
    words: Option<WordReader>,
    living: Option<LivingSession>,
}

/// Silence kept before and after the speech for the prompt, samples.
const AROUND: usize = RATE / 4;

impl Analyzer {
    pub(crate) fn new([speaker, speech]: [Session; 2], english: Whisper) -> Self {
        Self { speaker, speech, english, world: None, words: None, living: None }
    }

    /// Hears digits in other languages, too.
    pub(crate) fn with_world(mut self, world: Option<Whisper>) -> Self {
        self.world = world;
        self
    }

    /// Hears phrases, too.
    pub(crate) fn with_words(mut self, words: Option<WordReader>) -> Self {
        self.words = words;
        self
    }

    /// Asks the operator's network whether a voice is living.
    pub(crate) fn with_living(mut self, living: Option<LivingSession>) -> Self {
        self.living = living;
        self
    }

    /// Probability of a living voice, 0..=1; `None`: no network was plugged in.
    ///
    /// # Errors
    /// No speech, or the engine fails.
    pub fn living(&mut self, sound: &Sound, speech: &Speech) -> Option<Result<f32, VoiceError>> {
        self.living.as_mut().map(|living| living.measure(sound, speech))
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

    /// Encodes the speech for [`Analyzer::score`] by the network that `prompt` takes: up to 8 s from shortly before it begins.
    ///
    /// # Errors
    /// No speech, the network was not loaded, or the engine fails.
    pub fn attend(&mut self, sound: &Sound, speech: &Speech, prompt: &Prompt) -> Result<Attended, VoiceError> {
        let span = speech.span().ok_or(VoiceError::TooShort)?;
        let part = sound.part(span.start.saturating_sub(AROUND), span.end + AROUND);
        self.ear(prompt::takes_world(prompt))?.attend(&part)
    }

    /// How well the prompt explains what was encoded.
    ///
    /// # Errors
    /// The network was not loaded or another one encoded it, or the engine fails.
    pub fn score(&mut self, attended: &Attended, prompt: &Prompt) -> Result<Spoken, VoiceError> {
        match prompt {
            Prompt::Digits(digits, language) => self.ear(attended.is_world())?.digits(attended, digits, *language),
            Prompt::Phrase(phrase) => self.words.as_mut().ok_or(VoiceError::NotLoaded)?.score(attended, phrase),
        }
    }

    fn ear(&mut self, world: bool) -> Result<&mut Whisper, VoiceError> {
        if world { self.world.as_mut().ok_or(VoiceError::NotLoaded) } else { Ok(&mut self.english) }
    }
}
