//! What is measured of one utterance, in a worker.

use decide::SoundQuality;
use voice::{Analyzer, Digits, Embedding, Listener, Quality, VoiceError, fingerprint};

use super::WINDOWS;

/// `None` anywhere: it could not be measured.
pub(super) struct Probe {
    pub sound: Option<SoundQuality>,
    pub embedding: Option<Embedding>,
    /// Margin of the asked digits.
    pub margin: Option<f32>,
    /// Fingerprint.
    pub words: Vec<u32>,
}

/// Measures and forgets the sound.
pub(super) fn probe(listener: Listener, asked: Option<Digits>, analyzer: &mut Analyzer) -> Result<Probe, VoiceError> {
    let (sound, speech) = listener.finish(analyzer)?;
    let embedding = measured(analyzer.embed_all(&sound, &speech, WINDOWS))?;
    let margin = match asked {
        None => None,
        Some(digits) => match measured(analyzer.attend(&sound, &speech))? {
            Some(attended) => Some(analyzer.score(&attended, &digits)?.margin),
            None => None,
        },
    };
    let quality = Quality::of(&sound, &speech);
    Ok(Probe { sound: quality.as_ref().map(judged), embedding, margin, words: fingerprint::words(&sound, &speech) })
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
