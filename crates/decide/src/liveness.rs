//! Judges each liveness reading on its own. A missing reading is never a good one.

use serde::{Deserialize, Serialize};

use crate::{CheckName, Evidence, LivenessPolicy, NoEvidence, Outcome, Reading, Reason};

/// What the challenge asked for, so that "not asked" can be told from "not shown".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeKind {
    /// Drawn by the server from everything: holds turns and the smile, so every check must speak.
    Drawn,
    /// Drawn for a payer who switched some movements off: every check of what was asked must speak.
    Adapted(Adapted),
    /// Pinned by a test: checks of steps that were left out may be silent. Refused in live mode.
    PinnedForTest,
}

/// What is left for a payer who switched some movements off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapted {
    pub turns: bool,
    pub smile: bool,
    /// How many challenges were equally likely: a recording of an earlier answer fits once in so many.
    pub one_in: u32,
}

impl Adapted {
    /// Whether it is enough for the face to pay alone: depth is shown by turns only, and a recording must seldom fit.
    pub const fn is_strong(self, policy: &LivenessPolicy) -> bool {
        self.turns && self.one_in >= policy.one_in_from
    }
}

impl ChallengeKind {
    /// Whether another factor must join, whatever the capture shows.
    pub const fn is_weak(self, policy: &LivenessPolicy) -> bool {
        match self {
            Self::Adapted(left) => !left.is_strong(policy),
            Self::Drawn | Self::PinnedForTest => false,
        }
    }
}

/// Every check a challenge must answer, but those of steps that were left out.
pub const REQUIRED: [CheckName; 14] = [
    CheckName::StepsAnswered,
    CheckName::FrameRate,
    CheckName::PoseAnswer,
    CheckName::Depth,
    CheckName::SmileOnset,
    CheckName::Continuity,
    CheckName::FrontContinuity,
    CheckName::Stillness,
    CheckName::Replay,
    CheckName::Jump,
    CheckName::Splice,
    CheckName::SceneCut,
    CheckName::Reaction,
    CheckName::Passive,
];

/// Checks that can speak against a capture and never for it: where they are silent, the others decide.
pub const FURTHER: [CheckName; 4] = [CheckName::Colours, CheckName::Moire, CheckName::Bezel, CheckName::Flicker];

/// What the evidence says as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every required check spoke for life and none against it.
    Live,
    /// A check saw the shape of an attack.
    Attack,
    /// Something was not shown or could not be measured: ask again.
    NoEvidence,
}

/// One check, what it read, and what follows from that alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    pub check: CheckName,
    /// `None`: the check did not run.
    pub reading: Option<Reading>,
    pub verdict: Verdict,
    pub reason: Option<Reason>,
}

/// The findings against liveness; empty means live.
pub fn judge(evidence: &Evidence, kind: ChallengeKind, policy: &LivenessPolicy) -> Vec<Reason> {
    let weak = kind.is_weak(policy).then_some(Reason::ChallengeWeak);
    explain(evidence, kind, policy).into_iter().filter_map(|finding| finding.reason).chain(weak).collect()
}

/// The verdict on these reasons: one attack shape is enough, and anything not shown keeps it from being live.
pub fn verdict(reasons: &[Reason]) -> Verdict {
    let holds = |outcome| reasons.iter().any(|reason| reason.outcome() == outcome);
    if holds(Outcome::Deny) {
        Verdict::Attack
    } else if holds(Outcome::Retake) || holds(Outcome::StepUp) {
        Verdict::NoEvidence
    } else {
        Verdict::Live
    }
}

/// Each reading with its own verdict, for the operator. Every reading of one check counts: a second, better reading cannot
/// hide a first, bad one.
pub fn explain(evidence: &Evidence, kind: ChallengeKind, policy: &LivenessPolicy) -> Vec<Finding> {
    let all = REQUIRED.iter().chain(&FURTHER);
    all.flat_map(|&check| explain_check(check, evidence, kind, policy)).collect()
}

fn explain_check(check: CheckName, evidence: &Evidence, kind: ChallengeKind, policy: &LivenessPolicy) -> Vec<Finding> {
    let finding = |reading: Option<Reading>, reason: Option<Reason>| {
        let silent = !matches!(reading, Some(Reading::Value(_)));
        let verdict = match reason {
            Some(reason) => verdict(&[reason]),
            None if silent => Verdict::NoEvidence,
            None => Verdict::Live,
        };
        Finding { check, reading, verdict, reason }
    };
    let found: Vec<Finding> = evidence
        .checks
        .iter()
        .filter(|c| c.name == check)
        .map(|c| finding(Some(c.reading), judge_reading(check, c.reading, kind, policy)))
        .collect();
    match found.is_empty() {
        true if FURTHER.contains(&check) => found,
        true => vec![finding(None, Some(Reason::NoEvidence))],
        false => found,
    }
}

fn judge_reading(name: CheckName, reading: Reading, kind: ChallengeKind, policy: &LivenessPolicy) -> Option<Reason> {
    match reading {
        Reading::Value(value) if value.is_finite() => judge_value(name, value, policy),
        Reading::Value(_) => Some(Reason::NoEvidence),
        Reading::NoEvidence(NoEvidence::NotAsked) if may_be_left_out(name, kind) => None,
        Reading::NoEvidence(_) if FURTHER.contains(&name) => None,
        Reading::NoEvidence(_) => Some(Reason::NoEvidence),
    }
}

/// Only a step can be left out: by a pinned challenge, or because the payer cannot do it.
const fn may_be_left_out(name: CheckName, kind: ChallengeKind) -> bool {
    match (name, kind) {
        // Asked only where the operator plugged a network in.
        (CheckName::Passive, _) => true,
        (CheckName::PoseAnswer | CheckName::Depth, ChallengeKind::Adapted(left)) => !left.turns,
        (CheckName::SmileOnset, ChallengeKind::Adapted(left)) => !left.smile,
        (
            CheckName::PoseAnswer | CheckName::Depth | CheckName::SmileOnset | CheckName::Reaction,
            ChallengeKind::PinnedForTest,
        ) => true,
        _ => false,
    }
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
        CheckName::FrontContinuity => (value < p.same_front_from).then_some(Reason::IdentityUncertain),
        CheckName::Stillness => (value >= p.still_from).then_some(Reason::StillPicture),
        CheckName::Replay => (value > p.duplicates_to).then_some(Reason::ReplayedFrames),
        CheckName::Jump => (value > p.jump_to).then_some(Reason::MotionBroken),
        CheckName::Splice => (value >= p.splice_from).then_some(Reason::ReplayedFrames),
        CheckName::SceneCut => (value > p.scene_cut_to).then_some(Reason::SceneCut),
        CheckName::Reaction => (value < p.reaction_from_ms).then_some(Reason::AnsweredTooSoon),
        CheckName::Passive if value < p.passive_attack_below => Some(Reason::PassiveAttack),
        CheckName::Passive => (value < p.passive_live_from).then_some(Reason::PassiveUncertain),
        CheckName::Moire => (value >= p.moire_from).then_some(Reason::ScreenSeen),
        CheckName::Bezel => (value >= p.bezel_from).then_some(Reason::ScreenSeen),
        CheckName::Flicker => (value >= p.flicker_from).then_some(Reason::ScreenSeen),
        CheckName::Colours => (value < p.colours_from).then_some(Reason::ColoursDiffer),
    }
}
