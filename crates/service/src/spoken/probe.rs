//! What is measured of one utterance, in a worker.

use decide::{Extra, PromptMargin, SoundQuality};
use voice::{Analyzer, Embedding, Listener, Prompt, Quality, VoiceError, fingerprint};

use super::WINDOWS;

/// `None` anywhere: it could not be measured.
pub(super) struct Probe {
    pub sound: Option<SoundQuality>,
    pub embedding: Option<Embedding>,
    /// Margin of what was asked.
    pub margin: Option<PromptMargin>,
    /// Fingerprint.
    pub words: Vec<u32>,
    /// What the operator's network says.
    pub living: Extra,
    /// dB below full scale, each 20 ms.
    pub loudness: Vec<f32>,
}

/// Measures and forgets the sound.
pub(super) fn probe(listener: Listener, asked: Option<&Prompt>, analyzer: &mut Analyzer) -> Result<Probe, VoiceError> {
    let (sound, speech) = listener.finish(analyzer)?;
    let embedding = measured(analyzer.embed_all(&sound, &speech, WINDOWS))?;
    let margin = match asked {
        None => None,
        Some(prompt) => match measured(analyzer.attend(&sound, &speech, prompt))? {
            Some(attended) => Some(margin(prompt, analyzer.score(&attended, prompt)?.margin)),
            None => None,
        },
    };
    let quality = Quality::of(&sound, &speech);
    let living = match analyzer.living(&sound, &speech) {
        None => Extra::NotAsked,
        Some(said) => measured(said)?.map_or(Extra::Unmeasured, Extra::Measured),
    };
    let (words, loudness) = (fingerprint::words(&sound, &speech), sound.loudness());
    Ok(Probe { sound: quality.as_ref().map(judged), embedding, margin, words, living, loudness })
}

const fn margin(prompt: &Prompt, value: f32) -> PromptMargin {
    match prompt {
        Prompt::Digits(..) => PromptMargin::Digits(value),
        Prompt::Phrase(_) => PromptMargin::Words(value),
    }
}

/// Too little speech is no evidence, not a fault.
fn measured<T>(result: Result<T, VoiceError>) -> Result<Option<T>, VoiceError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(VoiceError::TooShort | VoiceError::NoVector) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `voice`'s measurements in the form that `decide` takes.
fn judged(q: &Quality) -> SoundQuality {
    SoundQuality {
        speech_seconds: q.speech_seconds,
        level_db: q.level_db,
        clipped: q.clipped,
        snr_db: q.snr_db,
        high_band_db: q.high_band_db,
        began_at: q.began_at,
    }
}
