//! What a decision is made of: named, separately measured checks. Produced by `liveness` and `face`, judged only here.

use serde::{Deserialize, Serialize};

/// A named liveness check. Each has one reading per capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// Share of the asked steps that were answered in the asked order (1 = all).
    StepsAnswered,
    /// Frames per second over the capture.
    FrameRate,
    /// Smallest peak |nose offset / eye distance| over the asked turns, signed so that the asked side counts positive.
    PoseAnswer,
    /// Inlier share of one homography through the turn, over tracked face corners (1 = flat).
    Depth,
    /// Rise of the happy score from this payer's neutral, times how gradually the mouth got there (1 grown, 0 swapped), 0..1.
    SmileOnset,
    /// Smallest cosine between embeddings of neighbouring sampled frames.
    Continuity,
    /// Smallest cosine between embeddings of one near-frontal sample and the near-frontal one before it.
    FrontContinuity,
    /// Median cosine between embeddings of neighbouring near-frontal samples (people 0.77–0.99, moved flat puppets ≤ 0.992).
    Stillness,
    /// Share of the frames that an earlier capture showed already; 1 when frames come back exactly in a loop of this one.
    Replay,
    /// Largest move plus change of size between neighbouring frames, in eye distances (people: 0.09–0.62, puppets ≤ 0.58).
    Jump,
    /// Most moving frames, one after the other, that an earlier capture showed in the same order.
    Splice,
    /// Largest change of the whole picture between neighbouring frames, in bits of its fingerprint (of 64): high is a cut.
    SceneCut,
    /// Shortest time from asking for a turn or an approach to its answer, ms of the client's clock.
    Reaction,
    /// Median share "living face" of the operator's passive networks over near-frontal frames, 0..1.
    Passive,
    /// How well the drawn screen colours explain the face's changing colour, as a share of what the best sequence explains
    /// (1: no other sequence fits better), 0..1. Silent where the screen's light is too weak.
    Colours,
    /// How far the strongest peak stands out of the spectrum of the face (natural logarithm of power): a screen's pixel grid.
    Moire,
    /// Straightness of edges on both sides of the face that grow with it, 0..1: the rim of a phone, a tablet or a print.
    Bezel,
    /// Waves of brightness over the face's rows that its surroundings do not show (natural logarithm): a screen's refresh.
    Flicker,
}

impl CheckName {
    /// Every check, in the order in which they are told.
    pub const ALL: [Self; 18] = [
        Self::StepsAnswered,
        Self::FrameRate,
        Self::PoseAnswer,
        Self::Depth,
        Self::SmileOnset,
        Self::Continuity,
        Self::FrontContinuity,
        Self::Stillness,
        Self::Replay,
        Self::Jump,
        Self::Splice,
        Self::SceneCut,
        Self::Reaction,
        Self::Passive,
        Self::Colours,
        Self::Moire,
        Self::Bezel,
        Self::Flicker,
    ];

    /// The name in reports: as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StepsAnswered => "steps_answered",
            Self::FrameRate => "frame_rate",
            Self::PoseAnswer => "pose_answer",
            Self::Depth => "depth",
            Self::SmileOnset => "smile_onset",
            Self::Continuity => "continuity",
            Self::FrontContinuity => "front_continuity",
            Self::Stillness => "stillness",
            Self::Replay => "replay",
            Self::Jump => "jump",
            Self::Splice => "splice",
            Self::SceneCut => "scene_cut",
            Self::Reaction => "reaction",
            Self::Passive => "passive",
            Self::Colours => "colours",
            Self::Moire => "moire",
            Self::Bezel => "bezel",
            Self::Flicker => "flicker",
        }
    }
}

/// Why a check can say nothing. Never counts as live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoEvidence {
    /// The person did not move enough to tell.
    TooLittleMotion,
    /// Fewer frames per second than the check needs.
    TooFewFrames,
    /// The tracked corners were lost (blur, speed, low light).
    TracksLost,
    /// No face, or not the only one.
    NoFace,
    /// What was looked for is too weak to be told from noise, such as a screen's light in a bright room.
    TooWeak,
    /// The step was not asked for in this challenge.
    NotAsked,
}

/// What one check measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    Value(f32),
    NoEvidence(NoEvidence),
}

/// One check and its reading.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub name: CheckName,
    pub reading: Reading,
}

/// All readings of one capture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub checks: Vec<Check>,
}

impl Evidence {
    /// The reading of `name`, if that check ran.
    pub fn reading(&self, name: CheckName) -> Option<Reading> {
        self.checks.iter().find(|c| c.name == name).map(|c| c.reading)
    }
}
