//! Hearing one utterance as it comes in: is there speech, is it enough, has it ended?

use zeroize::Zeroize;

use crate::analyzer::Analyzer;
use crate::error::VoiceError;
use crate::limits::RATE;
use crate::sound::{Sound, pcm};
use crate::speech::{Speech, SpeechTracker};

/// When an utterance is over. Guidance only: whether it suffices is `decide`'s.
#[derive(Clone, Copy, Debug)]
pub struct ListenerLimits {
    /// Speech that is waited for, seconds.
    pub wants: f32,
    /// Silence after it that ends the utterance, seconds.
    pub pause: f32,
    /// Silence that ends it even when the speech was too short, seconds.
    pub long_pause: f32,
    /// Longest utterance, silence included, seconds.
    pub longest: f32,
}

/// Where an utterance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was said yet.
    Waiting,
    /// Speech is coming.
    Speaking,
    /// It is over.
    Ended,
}

/// What has been heard so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    pub stage: Stage,
    /// Speech heard of the speech wanted, 0..=1.
    pub fraction: f32,
    /// Level of the last piece, dB below full scale.
    pub level_db: f32,
    /// Whether speech is heard right now.
    pub speaking: bool,
}

/// One utterance. The sound is wiped when it is dropped.
pub struct Listener {
    limits: ListenerLimits,
    tracker: SpeechTracker,
    samples: Vec<f32>,
    level_db: f32,
}

impl Listener {
    pub fn new(limits: ListenerLimits) -> Self {
        Self { limits, tracker: SpeechTracker::default(), samples: Vec::new(), level_db: -120.0 }
    }

    /// Hears the next piece of 16-bit PCM at 16 kHz.
    ///
    /// # Errors
    /// Half a sample, or the engine fails.
    pub fn push(&mut self, piece: &[u8], analyzer: &mut Analyzer) -> Result<Heard, VoiceError> {
        let (words, []) = piece.as_chunks::<2>() else {
            return Err(VoiceError::Unreadable("half a sample".to_owned()));
        };
        let room = self.most().saturating_sub(self.samples.len());
        let mut new: Vec<f32> = words.iter().take(room).map(|b| pcm(i16::from_le_bytes(*b))).collect();
        analyzer.track(&mut self.tracker, &new)?;
        #[expect(clippy::cast_precision_loss, reason = "a piece is short")]
        let energy = new.iter().map(|s| s * s).sum::<f32>() / new.len().max(1) as f32;
        self.level_db = if energy > 1e-12 { 10.0 * energy.log10() } else { -120.0 };
        self.samples.extend_from_slice(&new);
        new.zeroize();
        Ok(self.heard())
    }

    pub fn heard(&self) -> Heard {
        let spoken = self.tracker.speech_seconds();
        let pause = if spoken >= self.limits.wants { self.limits.pause } else { self.limits.long_pause };
        let over = self.tracker.silent_for().is_some_and(|s| s >= pause) || self.samples.len() >= self.most();
        let stage = match self.tracker.silent_for() {
            _ if over => Stage::Ended,
            None => Stage::Waiting,
            Some(_) => Stage::Speaking,
        };
        let fraction = (spoken / self.limits.wants.max(0.1)).clamp(0.0, 1.0);
        Heard { stage, fraction, level_db: self.level_db, speaking: self.tracker.is_speaking() }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "seconds")]
    fn most(&self) -> usize {
        (self.limits.longest.max(0.0) * RATE as f32) as usize
    }

    /// The sound and where its speech is.
    ///
    /// # Errors
    /// The engine fails.
    pub fn finish(mut self, analyzer: &mut Analyzer) -> Result<(Sound, Speech), VoiceError> {
        let sound = Sound::from_samples(std::mem::take(&mut self.samples))?;
        let speech = analyzer.tracked(std::mem::take(&mut self.tracker))?;
        Ok((sound, speech))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.samples.zeroize();
    }
}
