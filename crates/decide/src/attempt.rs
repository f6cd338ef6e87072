//! What every capture is judged by besides its own evidence: who may try, and what the step-up table says of what was proven.

use base::{Method, Timestamp};

use crate::judge::{finding, proven};
use crate::liveness::ChallengeKind;
use crate::lock::{Gate, LockState};
use crate::rules::{Asked, Risk};
use crate::signals::Signals;
use crate::tiers::{self, PayerHistory};
use crate::{Binding, Decision, Mode, Outcome, Policy, Reason};

/// One attempt, whatever its method.
pub(crate) struct Attempt<'c> {
    pub binding: &'c Binding,
    pub challenge: ChallengeKind,
    pub signals: Signals,
    pub history: PayerHistory,
    pub lock: LockState,
    pub tries_left: u32,
    pub earlier: &'c [Method],
}

impl Attempt<'_> {
    /// What speaks against judging it at all.
    pub fn judge(&self, mode: Mode, now: Timestamp) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if matches!(self.lock.gate(now), Gate::Waiting { .. }) {
            reasons.push(Reason::SoftLocked);
        }
        if self.challenge == ChallengeKind::PinnedForTest && mode == Mode::Live {
            reasons.push(Reason::PinnedChallenge);
        }
        if self.binding.challenge.is_none() {
            reasons.push(Reason::NoEvidence);
        }
        reasons
    }

    /// Looks the payment up in the step-up table and decides. `sure`: the method that this attempt proved.
    pub fn close(self, mut reasons: Vec<Reason>, sure: Option<Method>, policy: &Policy, now: Timestamp) -> Decision {
        let methods = proven(sure, self.earlier);
        let usual = tiers::risk(self.history.enrolled_at, self.lock, now);
        let usual = policy.usual.raise(usual, &self.history.circumstances);
        reasons.extend(policy.usual.noticed(&self.history.circumstances));
        let noticed = if self.signals.any() { usual.raised() } else { usual };
        let risk = if self.challenge.is_weak(&policy.liveness) { Risk::High } else { noticed };
        let (amount, paid_24h) = (self.binding.amount, self.history.paid_24h);
        let answer = policy.rules.judge(&Asked { proven: &methods, amount, paid_24h, risk });
        if !self.earlier.is_empty() && answer.outcome == Outcome::Allow {
            // A second factor answers exactly the findings that ask for one.
            reasons.retain(|r| r.outcome() != Outcome::StepUp);
            reasons.push(Reason::SecondFactorGiven);
        }
        reasons.extend(finding(&answer));
        let undecided = reasons.iter().any(|r| r.outcome() == Outcome::Retake);
        if undecided && self.tries_left == 0 {
            reasons.push(Reason::TriesUsedUp);
        }
        Decision::new(reasons, methods, answer, self.binding.clone(), now)
    }
}
