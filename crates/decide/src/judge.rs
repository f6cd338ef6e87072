//! The decision itself: every finding is collected, the worst one decides.

use base::{Method, Timestamp};

use crate::liveness::{self, ChallengeKind};
use crate::lock::{Gate, LockState};
use crate::score::{EyeRatio, FaceMatch};
use crate::tiers::{self, PayerHistory};
use crate::{Binding, Decision, Evidence, FacePolicy, Mode, Outcome, Policy, Reason};

/// One attempt to pay by face.
#[derive(Clone, Debug)]
pub struct FaceCase<'a> {
    pub binding: Binding,
    pub challenge: ChallengeKind,
    /// `None`: no probe could be made of the capture.
    pub matched: Option<FaceMatch>,
    /// `None`: not measured; then eyes are not judged.
    pub eyes: Option<EyeRatio>,
    pub evidence: &'a Evidence,
    pub history: PayerHistory,
    /// Failures of this device on this account.
    pub lock: LockState,
    /// Captures still allowed for this challenge after this one; 0 turns *retake* into *deny*.
    pub tries_left: u32,
    /// A second factor already proven for this same binding.
    pub second_factor: Option<Method>,
}

/// One attempt to pay by passphrase: the other way to pay, and the second factor after a step-up.
#[derive(Clone, Debug)]
pub struct PassphraseCase {
    pub binding: Binding,
    /// Whether the passphrase was the account's.
    pub accepted: bool,
    /// Failures of this device on this account, counted for the passphrase alone.
    pub lock: LockState,
}

/// Judges a capture. Pure: the same case, policy and time give the same decision.
pub fn decide_face(case: &FaceCase<'_>, policy: &Policy, now: Timestamp) -> Decision {
    let mut reasons = judge_attempt(case, policy, now);
    reasons.extend(judge_match(case.matched, &policy.face));
    reasons.extend(judge_eyes(case.eyes, &policy.face));
    reasons.extend(liveness::judge(case.evidence, case.challenge, &policy.liveness));
    reasons.extend(tiers::judge(case.binding.amount, &case.history, &policy.money, now));
    let mut methods = vec![Method::Face];
    if let Some(method) = second_factor_of(case) {
        // A second factor answers exactly the findings that ask for one.
        reasons.retain(|r| r.outcome() != Outcome::StepUp);
        reasons.push(Reason::SecondFactorGiven);
        methods.push(method);
    }
    let undecided = reasons.iter().any(|r| r.outcome() == Outcome::Retake);
    if undecided && case.tries_left == 0 {
        reasons.push(Reason::TriesUsedUp);
    }
    Decision::new(reasons, methods, case.binding.clone(), now)
}

/// Judges a passphrase. It pays any amount the balance holds: it is the factor the account was opened with,
/// and it is asked afresh for this very payment.
pub fn decide_passphrase(case: &PassphraseCase, now: Timestamp) -> Decision {
    let reason = match case.lock.gate(now) {
        Gate::Waiting { .. } => Reason::SoftLocked,
        Gate::Open { .. } if case.accepted => Reason::PassphraseAccepted,
        Gate::Open { .. } => Reason::PassphraseWrong,
    };
    Decision::new(vec![reason], vec![Method::Passphrase], case.binding.clone(), now)
}

fn second_factor_of(case: &FaceCase<'_>) -> Option<Method> {
    // Another biometric of the same person is not a second factor (RTS art. 4: two of knowledge, possession, inherence).
    case.second_factor.filter(|m| matches!(m, Method::Passphrase | Method::Passkey))
}

fn judge_attempt(case: &FaceCase<'_>, policy: &Policy, now: Timestamp) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if matches!(case.lock.gate(now), Gate::Waiting { .. }) {
        reasons.push(Reason::SoftLocked);
    }
    if case.challenge == ChallengeKind::PinnedForTest && policy.mode == Mode::Live {
        reasons.push(Reason::PinnedChallenge);
    }
    if case.binding.challenge.is_none() {
        reasons.push(Reason::NoEvidence);
    }
    reasons
}

fn judge_match(matched: Option<FaceMatch>, policy: &FacePolicy) -> Vec<Reason> {
    let Some(m) = matched else {
        return vec![Reason::NoProbe];
    };
    let score = m.score.get();
    let mut reasons = vec![if score >= policy.threshold(m) {
        Reason::FaceMatches
    } else if score >= policy.grey {
        Reason::FaceUncertain
    } else {
        Reason::FaceDiffers
    }];
    if m.size.views < policy.min_views {
        reasons.push(Reason::TooFewViews);
    }
    if m.size.frames < policy.min_frames {
        reasons.push(Reason::TooFewFrames);
    }
    reasons
}

fn judge_eyes(eyes: Option<EyeRatio>, policy: &FacePolicy) -> Option<Reason> {
    eyes.filter(|ratio| ratio.get() < policy.eyes_closed_below).map(|_| Reason::EyesClosed)
}

impl FacePolicy {
    /// The score this comparison must reach, by its size.
    pub(crate) const fn threshold(&self, m: FaceMatch) -> f32 {
        match (m.size.views, m.size.frames) {
            (5.., 3..) => self.full,
            (3.., 2..) => self.middle,
            _ => self.small,
        }
    }
}
