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
    /// Median cosine between embeddings of neighbouring near-frontal samples (people 0.77–0.99, moved flat puppets ≤ 0.992).
    Stillness,
    /// Share of the frames that an earlier capture showed already; 1 when frames come back exactly in a loop of this one.
    Replay,
    /// Largest move plus change of size between neighbouring frames, in eye distances (people: 0.09–0.62, puppets ≤ 0.58).
    Jump,
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
