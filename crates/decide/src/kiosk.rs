//! Paying at a shop's kiosk: one face is looked for among the wallets whose phone number ends in the digits that were typed.
//!
//! Among N strangers the chance that one of them is taken for the person is N times that of one comparison, so the threshold
//! rises with N: a log-likelihood ratio reaches `t + ln N` by chance at most `1/N` times as often as it reaches `t` (for any
//! likelihood ratio, P(LR ≥ x | two people) ≤ 1/x; the shipped calibration's tail falls by ten within 2.14, which is less
//! than ln 10). So a kiosk that compares N wallets has the false match rate of one comparison at the policy's point.

use base::Method;
use money::Money;
use serde::{Deserialize, Serialize};

use crate::rules::{Asked, Ceiling, Risk, in_currencies, independent};
use crate::{
    Answer, Binding, ChallengeKind, Decision, Evidence, FaceMatch, FacePolicy, Mode, Outcome, Policy, PolicyError,
    Reason, liveness,
};

/// How many times likelier the best wallet must be than the next: ten (ln 10). Below, nobody can tell which of the two it is.
const APART: f32 = std::f32::consts::LN_10;
/// Of which `most_searched` may be.
const SEARCHABLE: std::ops::RangeInclusive<u32> = 1..=10_000;

/// What a face alone may do at a kiosk, on top of the step-up table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KioskPolicy {
    /// What may be paid; a currency that is not named needs another factor. Default 20.00 each and 60.00 a day: a canteen's
    /// and a vending machine's amounts, less than half of what the payer's own phone may.
    pub limits: Vec<Ceiling>,
    /// Payments by face alone in 24 hours, kiosk or not, from which a kiosk asks for another factor. Default 10.
    pub payments_24h: u32,
    /// A search that would look at more wallets is refused. Default 200: at that size the threshold rises by 5.3 above the
    /// point for one comparison, past which an honest payer would often not be found.
    pub most_searched: u32,
}

impl Default for KioskPolicy {
    fn default() -> Self {
        Self { limits: in_currencies(2_000, 6_000), payments_24h: 10, most_searched: 200 }
    }
}

impl KioskPolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let range = |name, low, high| Err(PolicyError::OutOfRange { name, low, high });
        if !SEARCHABLE.contains(&self.most_searched) {
            return range("kiosk.most_searched", "1", "10000");
        }
        if self.payments_24h == 0 || self.payments_24h > 1_000 {
            return range("kiosk.payments_24h", "1", "1000");
        }
        let fine = |c: &Ceiling| {
            c.each.currency() == c.day.currency() && c.each.minor() > 0 && c.day.minor() >= c.each.minor()
        };
        if self.limits.iter().all(fine) {
            Ok(())
        } else {
            Err(PolicyError::Rules(
                "kiosk.limits are positive, in one currency, and a day's is not below one payment's".into(),
            ))
        }
    }

    fn holds(&self, amount: Money, search: &KioskSearch, paid_24h: i64) -> bool {
        let asked = Asked { proven: &[], amount, paid_24h, risk: Risk::Low };
        search.payments_24h < self.payments_24h && self.limits.iter().any(|ceiling| ceiling.holds(&asked))
    }
}

/// How the account of a [`crate::FaceCase`] was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KioskSearch {
    /// Wallets that were compared, ≥ 1.
    pub searched: u32,
    /// The next one came close.
    pub close: bool,
    /// Payments of the account by face alone in the last 24 hours.
    pub payments_24h: u32,
}

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Nobody,
    /// The best one.
    One,
    /// The best one, and the next is too close to tell the two apart.
    Close,
}

/// What keeps a capture from being searched with: only a living face may look for its wallet. `None`: nothing.
pub fn before_search(
    evidence: &Evidence,
    challenge: ChallengeKind,
    policy: &Policy,
    tries_left: u32,
) -> Option<(Outcome, Vec<Reason>)> {
    let mut reasons = liveness::judge(evidence, challenge, &policy.liveness);
    if challenge == ChallengeKind::PinnedForTest && policy.mode == Mode::Live {
        reasons.push(Reason::PinnedChallenge);
    }
    (!reasons.is_empty()).then(|| ended(reasons, tries_left))
}

/// What follows when no wallet was found, for this reason.
pub fn not_found(reason: Reason, tries_left: u32) -> (Outcome, Vec<Reason>) {
    ended(vec![reason], tries_left)
}

fn ended(mut reasons: Vec<Reason>, tries_left: u32) -> (Outcome, Vec<Reason>) {
    let worst = |reasons: &[Reason]| reasons.iter().map(|r| r.outcome()).max().unwrap_or(Outcome::Retake);
    // A factor that would join belongs to somebody; here nobody is known.
    if worst(&reasons) < Outcome::Deny && tries_left == 0 {
        reasons.push(Reason::TriesUsedUp);
    }
    reasons.sort_by_key(|r| (std::cmp::Reverse(r.outcome()), *r));
    (worst(&reasons).max(Outcome::Retake), reasons)
}

/// How much higher the threshold is among so many.
pub(crate) fn raised_by(searched: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "rounded by less than the threshold was measured")]
    let n = searched.max(1) as f32;
    n.ln()
}

/// Judges the two best of `searched` comparisons.
pub fn find(policy: &FacePolicy, searched: u32, best: Option<FaceMatch>, second: Option<FaceMatch>) -> Found {
    let llr = |m: Option<FaceMatch>| m.map_or(f32::NEG_INFINITY, |m| policy.calibration.llr(m).get());
    let (best, second) = (llr(best), llr(second));
    if best < policy.match_from() + raised_by(searched) {
        Found::Nobody
    } else if second >= policy.match_from() || best - second < APART {
        Found::Close
    } else {
        Found::One
    }
}

/// Asks for another factor where a face alone is too little at a kiosk.
pub(crate) fn narrow(decision: Decision, search: &KioskSearch, paid_24h: i64, policy: &Policy) -> Decision {
    let alone = decision.methods == [Method::Face];
    let Binding { amount, .. } = decision.binding;
    let within = policy.kiosk.holds(amount, search, paid_24h);
    if !alone || decision.outcome > Outcome::StepUp || (within && !search.close) {
        return decision;
    }
    let asked = Asked { proven: &decision.methods, amount, paid_24h, risk: Risk::Low };
    // Two elements, whatever the table would let one of them pay alone.
    let two = |m: &Method| independent(&[Method::Face, *m]) >= 2;
    let needs: Vec<Method> = policy.rules.completing(&asked).into_iter().filter(two).collect();
    let outcome = if needs.is_empty() { Outcome::Deny } else { Outcome::StepUp };
    let answer = Answer { outcome, needs, rule: "kiosk".to_owned() };
    let mut reasons = decision.reasons;
    reasons.push(if outcome == Outcome::Deny { Reason::DeniedByRule } else { Reason::NeedsAnotherFactor });
    Decision::new(reasons, decision.methods, answer, decision.binding, decision.made_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cosine, MatchSize};

    fn at(policy: &FacePolicy, llr_above: f32) -> FaceMatch {
        // The score that is worth this much, by halving.
        let size = MatchSize { views: 5, frames: 3 };
        let worth = |score: f32| policy.calibration.llr(FaceMatch { score: Cosine::new(score).unwrap(), size }).get();
        let (mut low, mut high) = (-1.0_f32, 1.0_f32);
        for _ in 0..40 {
            let middle = f32::midpoint(low, high);
            if worth(middle) < policy.match_from() + llr_above { low = middle } else { high = middle }
        }
        FaceMatch { score: Cosine::new(high).unwrap(), size }
    }

    #[test]
    fn the_threshold_rises_with_the_wallets_that_are_compared() {
        let policy = FacePolicy::default();
        let best = Some(at(&policy, 3.0));
        assert_eq!(find(&policy, 1, best, None), Found::One);
        assert_eq!(find(&policy, 20, best, None), Found::One, "e^3 is 20");
        assert_eq!(find(&policy, 21, best, None), Found::Nobody);
        assert_eq!(find(&policy, 0, None, None), Found::Nobody);
        // The shipped tail falls by ten within less than ln 10, so ln N is enough.
        let llr = |name: &str| policy.calibration.point(name).unwrap().llr;
        for pair in ["fmr_1e-3", "fmr_1e-4", "fmr_1e-5", "fmr_1e-6"].windows(2) {
            assert!(llr(pair[1]) - llr(pair[0]) <= std::f32::consts::LN_10);
        }
    }

    #[test]
    fn two_who_look_alike_are_never_told_apart_by_the_face() {
        let policy = FacePolicy::default();
        let best = Some(at(&policy, 5.0));
        assert_eq!(find(&policy, 3, best, Some(at(&policy, -4.0))), Found::One);
        assert_eq!(find(&policy, 3, best, Some(at(&policy, 0.1))), Found::Close, "would pass alone");
        let near = Some(at(&policy, 1.5));
        assert_eq!(find(&policy, 3, near, Some(at(&policy, -0.5))), Found::Close, "only e^2 times likelier");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert_eq!(KioskPolicy::default().check(), Ok(()));
        assert!(KioskPolicy { most_searched: 0, ..KioskPolicy::default() }.check().is_err());
        assert!(KioskPolicy { payments_24h: 0, ..KioskPolicy::default() }.check().is_err());
        let mut limits = KioskPolicy::default().limits;
        limits[0].day = Money::new(1, limits[0].day.currency());
        assert!(KioskPolicy { limits, ..KioskPolicy::default() }.check().is_err());
    }
}
