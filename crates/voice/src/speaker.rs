//! The speaker network: 3 s of speech → a vector.

use nn::Session;

use crate::embedding::{EMBEDDING_LEN, Embedding};
use crate::error::VoiceError;
use crate::fbank::{BANDS, FRAMES, centre, log_banks};
use crate::sound::Sound;
use crate::speech::Speech;

/// Name of the output.
pub(crate) const OUTPUT: &str = "emb";
/// Fewest frames that are worth a vector (0.5 s); fewer are no probe.
const FEWEST: usize = 50;

/// Filter banks from shortly before the first to shortly after the last speech; not centred. Short pauses stay in: leaving
/// them out cost accuracy (EER 0.87 → 1.25 % on the noisy set).
pub(crate) fn speech_banks(sound: &Sound, speech: &Speech) -> Vec<f32> {
    speech.span().map_or_else(Vec::new, |span| log_banks(sound.part(span.start, span.end).samples()))
}

/// A vector of the frames: the first 3 s of them; fewer go round and round, as the network's authors do it.
pub(crate) fn embed(session: &mut Session, banks: &[f32]) -> Result<Embedding, VoiceError> {
    let frames = (banks.len() / BANDS).min(FRAMES);
    if frames < FEWEST {
        return Err(VoiceError::TooShort);
    }
    let mut own = banks.get(..frames * BANDS).unwrap_or_default().to_vec();
    centre(&mut own);
    let outputs = session.run(|input| {
        input.iter_mut().zip(own.iter().cycle()).for_each(|(to, value)| *to = *value);
    })?;
    Embedding::from_raw(outputs.named(OUTPUT, EMBEDDING_LEN)?)
}

/// Where windows of 3 s lie so that they cover all frames: one for up to 4.5 s, then evenly, at most `most`.
pub(crate) fn windows(frames: usize, most: usize) -> Vec<usize> {
    let spare = frames.saturating_sub(FRAMES);
    let count = (1 + spare.div_ceil(FRAMES / 2) - usize::from(!spare.is_multiple_of(FRAMES / 2))).clamp(1, most.max(1));
    (0..count).map(|n| if count == 1 { 0 } else { spare * n / (count - 1) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_speech() {
        assert_eq!(windows(100, 4), [0]);
        assert_eq!(windows(298, 4), [0]);
        assert_eq!(windows(446, 4), [0]);
        assert_eq!(windows(447, 4), [0, 149]);
        assert_eq!(windows(5_000, 3), [0, 2_351, 4_702]);
    }
}
