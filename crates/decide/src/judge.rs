//! The decision itself: every finding is collected, the worst one decides.

use base::{Method, Timestamp};

use crate::attempt::Attempt;
use crate::kiosk::{self, KioskSearch};
use crate::liveness::{self, ChallengeKind};
use crate::lock::{Gate, LockState};
use crate::rules::Asked;
use crate::score::{EyeRatio, FaceMatch};
use crate::signals::Signals;
use crate::tiers::{self, PayerHistory};
use crate::usual::Circumstances;
use crate::{Answer, Binding, Decision, Evidence, FacePolicy, Outcome, Policy, Reason};

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
    /// What speaks of injected pictures.
    pub signals: Signals,
    pub history: PayerHistory,
    /// Failures of this device on this account.
    pub lock: LockState,
    /// Captures still allowed for this challenge after this one; 0 turns *retake* into *deny*.
    pub tries_left: u32,
    /// Methods proven before for this same payment, a few minutes ago at most.
    pub earlier: Vec<Method>,
    /// `Some`: the account was found among others by this very face (1:N).
    pub kiosk: Option<KioskSearch>,
}

impl FaceCase<'_> {
    const fn attempt(&self) -> Attempt<'_> {
        Attempt {
            binding: &self.binding,
            challenge: self.challenge,
            signals: self.signals,
            history: self.history,
            lock: self.lock,
            tries_left: self.tries_left,
            earlier: self.earlier.as_slice(),
        }
    }
}

/// One attempt with a method that is right or wrong (passphrase, passkey, one-time code): another way to pay, and the
/// second factor after a step-up.
#[derive(Clone, Debug)]
pub struct FactorCase {
    pub binding: Binding,
    pub method: Method,
    /// Whether the proof was the account's.
    pub accepted: bool,
    /// Failures of this device on this account, counted for the method alone.
    pub lock: LockState,
    /// Methods proven before for this same payment, a few minutes ago at most.
    pub earlier: Vec<Method>,
    /// Sum paid by this method alone during the last 24 hours, in this payment's currency (minor units, ≥ 0).
    pub paid_24h: i64,
    pub circumstances: Circumstances,
}

/// Judges a capture. Pure: the same case, policy and time give the same decision.
pub fn decide_face(case: &FaceCase<'_>, policy: &Policy, now: Timestamp) -> Decision {
    let attempt = case.attempt();
    let mut reasons = attempt.judge(policy.mode, now);
    let searched = case.kiosk.map_or(1, |search| search.searched);
    reasons.extend(judge_match(case.matched, searched, &policy.face));
    reasons.extend(case.kiosk.filter(|search| search.close).map(|_| Reason::CandidatesClose));
    reasons.extend(case.signals.reasons());
    reasons.extend(judge_eyes(case.eyes, &policy.face));
    reasons.extend(liveness::judge(case.evidence, case.challenge, &policy.liveness));
    let sure = reasons.contains(&Reason::FaceMatches) && !reasons.contains(&Reason::TooFewViews);
    let decision = attempt.close(reasons, sure.then_some(Method::Face), policy, now);
    match &case.kiosk {
        Some(search) => kiosk::narrow(decision, search, case.history.paid_24h, policy),
        None => decision,
    }
}

/// Judges a proof that is right or wrong, together with what was proven before, by the same table as a capture.
pub fn decide_factor(case: &FactorCase, policy: &Policy, now: Timestamp) -> Decision {
    let accepted = case.accepted && !matches!(case.lock.gate(now), Gate::Waiting { .. });
    let methods = proven(accepted.then_some(case.method), &case.earlier);
    // Freshness does not make these unusual: they are not drawn from a template that might be the wrong one's.
    let failures = tiers::risk(Timestamp::from_millis(0), case.lock, now);
    let risk = policy.usual.raise(failures, &case.circumstances);
    let asked = Asked { proven: &methods, amount: case.binding.amount, paid_24h: case.paid_24h, risk };
    let answer = policy.rules.judge(&asked);
    let mut reasons = vec![match case.lock.gate(now) {
        Gate::Waiting { .. } => Reason::SoftLocked,
        Gate::Open { .. } => factor_reason(case.method, case.accepted),
    }];
    reasons.extend(policy.usual.noticed(&case.circumstances));
    reasons.extend(finding(&answer));
    Decision::new(reasons, methods, answer, case.binding.clone(), now)
}

/// What the table's answer finds against the payment.
pub(crate) const fn finding(answer: &Answer) -> Option<Reason> {
    match answer.outcome {
        Outcome::Allow => None,
        Outcome::StepUp => Some(Reason::NeedsAnotherFactor),
        Outcome::Retake | Outcome::Deny => Some(Reason::DeniedByRule),
    }
}

/// This attempt's method first, then the earlier ones.
pub(crate) fn proven(now: Option<Method>, earlier: &[Method]) -> Vec<Method> {
    let mut all: Vec<Method> = now.into_iter().collect();
    for method in earlier {
        if !all.contains(method) {
            all.push(*method);
        }
    }
    all
}

const fn factor_reason(method: Method, accepted: bool) -> Reason {
    match (method, accepted) {
        (Method::Passphrase, true) => Reason::PassphraseAccepted,
        (Method::Passphrase, false) => Reason::PassphraseWrong,
        (Method::Passkey, true) => Reason::PasskeyAccepted,
        (Method::Passkey, false) => Reason::PasskeyWrong,
        (Method::Otp, true) => Reason::OtpAccepted,
        (Method::Otp, false) => Reason::OtpWrong,
        // Judged by their own evidence, never as merely right.
        (Method::Face | Method::Voice | Method::Kungfu, _) => Reason::NoEvidence,
    }
}

/// `searched`: faces that were compared to find this one.
fn judge_match(matched: Option<FaceMatch>, searched: u32, policy: &FacePolicy) -> Vec<Reason> {
    let Some(m) = matched else {
        return vec![Reason::NoProbe];
    };
    let llr = policy.calibration.llr(m).get();
    let mut reasons = vec![if llr >= policy.match_from() + kiosk::raised_by(searched) {
        Reason::FaceMatches
    } else if llr >= policy.grey_from() {
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
