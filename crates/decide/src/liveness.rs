//! Judges each liveness reading on its own. A missing reading is never a good one.

use crate::{CheckName, Evidence, LivenessPolicy, NoEvidence, Reading, Reason};

/// What the challenge asked for, so that "not asked" can be told from "not shown".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeKind {
    /// Drawn by the server: holds a turn and the smile, so every check must speak.
    Drawn,
    /// Pinned by a test: checks of steps that were left out may be silent. Refused in live mode.
    PinnedForTest,
}

/// Every check a drawn challenge must answer.
pub const REQUIRED: [CheckName; 9] = [
    CheckName::StepsAnswered,
    CheckName::FrameRate,
    CheckName::PoseAnswer,
    CheckName::Depth,
    CheckName::SmileOnset,
    CheckName::Continuity,
    CheckName::Stillness,
    CheckName::Replay,
    CheckName::Jump,
];

/// The findings against liveness; empty means live.
pub fn judge(evidence: &Evidence, kind: ChallengeKind, policy: &LivenessPolicy) -> Vec<Reason> {
    REQUIRED.iter().flat_map(|name| judge_check(*name, evidence, kind, policy)).collect()
}

/// Every reading of one check counts: a second, better reading cannot hide a first, bad one.
fn judge_check(name: CheckName, evidence: &Evidence, kind: ChallengeKind, policy: &LivenessPolicy) -> Vec<Reason> {
    let mut readings = evidence.checks.iter().filter(|c| c.name == name).map(|c| c.reading).peekable();
    if readings.peek().is_none() {
        return vec![Reason::NoEvidence];
    }
    readings.filter_map(|reading| judge_reading(name, reading, kind, policy)).collect()
}

fn judge_reading(name: CheckName, reading: Reading, kind: ChallengeKind, policy: &LivenessPolicy) -> Option<Reason> {
    match reading {
        Reading::Value(value) if value.is_finite() => judge_value(name, value, policy),
        Reading::Value(_) => Some(Reason::NoEvidence),
        Reading::NoEvidence(NoEvidence::NotAsked) if may_be_left_out(name, kind) => None,
        Reading::NoEvidence(_) => Some(Reason::NoEvidence),
    }
}

/// Only a step can be left out, and only by a pinned challenge.
const fn may_be_left_out(name: CheckName, kind: ChallengeKind) -> bool {
    matches!(kind, ChallengeKind::PinnedForTest)
        && matches!(name, CheckName::PoseAnswer | CheckName::Depth | CheckName::SmileOnset)
}

fn judge_value(name: CheckName, value: f32, p: &LivenessPolicy) -> Option<Reason> {
    /// Every asked step: a share of exactly one, less rounding.
    const ALL_STEPS: f32 = 0.999;
    match name {
        CheckName::StepsAnswered => (value < ALL_STEPS).then_some(Reason::StepsIncomplete),
        CheckName::FrameRate => (value < p.frame_rate_from).then_some(Reason::FrameRateLow),
        CheckName::PoseAnswer => (value < p.turn_from).then_some(Reason::TurnTooSmall),
        CheckName::Depth if value >= p.flat_from => Some(Reason::FlatSurface),
        CheckName::Depth => (value > p.deep_to).then_some(Reason::DepthUncertain),
        CheckName::SmileOnset => (value < p.smile_rise_from).then_some(Reason::SmileNotSeen),
        CheckName::Continuity if value < p.other_person_below => Some(Reason::IdentityChanged),
        CheckName::Continuity => (value < p.same_person_from).then_some(Reason::IdentityUncertain),
        CheckName::Stillness => (value >= p.still_from).then_some(Reason::StillPicture),
        CheckName::Replay => (value > p.duplicates_to).then_some(Reason::ReplayedFrames),
        CheckName::Jump => (value > p.jump_to).then_some(Reason::MotionBroken),
    }
}
