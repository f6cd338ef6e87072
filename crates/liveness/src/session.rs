//! A payment's capture: prompts, gates, and the evidence they leave.

use face::{Detection, Embedding};

use crate::challenge::Challenge;
use crate::frame::{FrameInput, Progress, Prompt, State, Wants};
use crate::limits::{Limits, MAX_EARLIER};
use crate::{Check, CheckName, Evidence, NoEvidence, Reading};

/// What a finished session hands back.
pub struct Capture {
    pub evidence: Evidence,
    /// Near-frontal neutral and smiling frames with their weights (> 0), best first, at most [`crate::limits::MAX_PROBE`].
    pub probe: Vec<(Embedding, f32)>,
    /// Fingerprints of this capture's frames; keep them (they say nothing about the person) to find replays later.
    pub fingerprints: Vec<u64>,
}

/// A live answer to a [`Challenge`].
pub struct Session {
    challenge: Challenge,
    #[expect(dead_code, reason = "read once the gates are in")]
    limits: Limits,
    earlier: Vec<u64>,
    fingerprints: Vec<u64>,
    probe: Vec<(Embedding, f32)>,
    at_step: usize,
}

impl Session {
    pub fn new(challenge: Challenge, limits: Limits) -> Self {
        Self { challenge, limits, earlier: Vec::new(), fingerprints: Vec::new(), probe: Vec::new(), at_step: 0 }
    }

    /// Fingerprints of earlier captures of this account (and device) to compare with.
    #[must_use]
    pub fn with_earlier(mut self, mut fingerprints: Vec<u64>) -> Self {
        fingerprints.truncate(MAX_EARLIER);
        self.earlier = fingerprints;
        self
    }

    /// Which dear measurements the frame at `at_ms` should bring. Asks nothing of frames that will be refused.
    pub fn wants(&self, _at_ms: f64, _faces: usize, detection: Option<&Detection>) -> Wants {
        Wants { happy: detection.is_some(), embedding: detection.is_some(), mesh: false }
    }

    /// Takes one frame. Never panics; a frame after the end changes nothing.
    pub fn push(&mut self, frame: FrameInput<'_>) -> Progress {
        self.fingerprints.push(frame.fingerprint);
        if let Some(embedding) = frame.embedding {
            self.probe.push((embedding, 1.0));
        }
        self.progress()
    }

    /// Where the session stands, without a frame (for the first prompt).
    pub fn progress(&self) -> Progress {
        let prompt = self.challenge.steps().get(self.at_step).map_or(Prompt::Hold, |&step| Prompt::Step(step));
        Progress { prompt, fraction: 0.0, hint: None, wants_embedding: true, state: State::Running }
    }

    /// Ends the session, finished or not, and sums up.
    pub fn finish(self) -> Capture {
        let unseen = Check { name: CheckName::StepsAnswered, reading: Reading::NoEvidence(NoEvidence::NoFace) };
        Capture {
            evidence: Evidence { checks: vec![unseen] },
            probe: self.probe,
            fingerprints: self.fingerprints,
        }
    }
}
