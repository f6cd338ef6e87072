//! A guided enrolment: distinct, good views for a new template.

use face::{Detection, Embedding};
use serde::{Deserialize, Serialize};

use crate::challenge::Step;
use crate::frame::{FrameInput, Progress, Prompt, State, Wants};
use crate::limits::{ENROL_VIEWS, Limits};
use crate::{Check, CheckName, Evidence, NoEvidence, Reading};

/// Why a frame is not kept as a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reject {
    NoFace,
    SeveralFaces,
    TooSmall,
    TooClose,
    TooDark,
    Blurred,
    TooMuchTurned,
    EyesNotVisible,
    /// A good picture, but not the pose or expression asked for now.
    OtherPose,
    /// Not the person of the views before.
    OtherPerson,
    /// The timestamp is unusable.
    BadTime,
}

/// A view that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Front,
    Left,
    Right,
    Smile,
}

/// What to show after a frame of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnrolProgress {
    pub progress: Progress,
    /// Views kept so far.
    pub kept: usize,
    pub of: usize,
    /// Why this frame was not kept; `None` when it was.
    pub reject: Option<Reject>,
}

/// What a finished enrolment hands back.
pub struct Enrolled {
    /// Kept views with their weights. Complete only when the state was [`State::Finished`].
    pub views: Vec<(Embedding, f32)>,
    pub evidence: Evidence,
    pub fingerprints: Vec<u64>,
}

/// Collects views: front, a small turn each way, a smile, front again.
pub struct EnrolSession {
    #[expect(dead_code, reason = "read once the gates are in")]
    limits: Limits,
    views: Vec<(Embedding, f32)>,
    fingerprints: Vec<u64>,
}

impl EnrolSession {
    pub fn new(limits: Limits) -> Self {
        Self { limits, views: Vec::new(), fingerprints: Vec::new() }
    }

    /// Which dear measurements the frame at `at_ms` should bring.
    pub fn wants(&self, _at_ms: f64, _faces: usize, detection: Option<&Detection>) -> Wants {
        Wants { happy: detection.is_some(), embedding: detection.is_some(), mesh: detection.is_some() }
    }

    /// Takes one frame. Never panics; a frame after the end changes nothing.
    pub fn push(&mut self, frame: FrameInput<'_>) -> EnrolProgress {
        self.fingerprints.push(frame.fingerprint);
        if let Some(embedding) = frame.embedding {
            self.views.push((embedding, 1.0));
        }
        self.progress()
    }

    /// Where the enrolment stands, without a frame.
    pub fn progress(&self) -> EnrolProgress {
        let progress = Progress {
            prompt: Prompt::Step(Step::Neutral),
            fraction: 0.0,
            hint: None,
            wants_embedding: true,
            state: State::Running,
        };
        EnrolProgress { progress, kept: self.views.len(), of: ENROL_VIEWS, reject: None }
    }

    /// Ends the enrolment, finished or not.
    pub fn finish(self) -> Enrolled {
        let unseen = Check { name: CheckName::StepsAnswered, reading: Reading::NoEvidence(NoEvidence::NoFace) };
        Enrolled {
            views: self.views,
            evidence: Evidence { checks: vec![unseen] },
            fingerprints: self.fingerprints,
        }
    }
}
