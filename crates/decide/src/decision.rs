//! What `decide` hands out: an outcome bound to exactly one payment, for one minute.

use base::{AccountId, ChallengeId, IntentId, MerchantId, Method, Span, Timestamp};
use money::Money;
use serde::{Deserialize, Serialize};

use crate::{Answer, NextStep, Reason};

/// How long a decision can authorise its payment. EMV and EU RTS ask for "short"; 60 s covers a slow database.
pub const DECISION_LIFE: Span = Span::seconds(60);

/// What happens to the payment. Ordered from best to worst for the payer; the worst finding decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The payment may be made.
    Allow,
    /// The payment may be made once a second factor has been given too.
    StepUp,
    /// The capture could not tell; another one may.
    Retake,
    /// The payment may not be made by this attempt.
    Deny,
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::StepUp => "step_up",
            Self::Retake => "retake",
            Self::Deny => "deny",
        }
    }

    /// Whether this outcome counts towards the soft lock. A retake does not: its tries are bounded per challenge.
    pub const fn counts_as_failure(self) -> bool {
        matches!(self, Self::Deny)
    }
}

/// Everything a decision is made for (dynamic linking, EU RTS art. 5). A change of any field voids it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub intent: IntentId,
    /// Amount and currency.
    pub amount: Money,
    pub payee: MerchantId,
    pub account: AccountId,
    /// The one-time challenge that was answered; `None` for a method without one (passphrase).
    pub challenge: Option<ChallengeId>,
}

/// The result of judging one authentication attempt. Holds reasons, never scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub outcome: Outcome,
    /// Operator reason codes, worst first; never empty.
    pub reasons: Vec<Reason>,
    /// The factors that were proven.
    pub methods: Vec<Method>,
    /// Each of these alone would complete a step-up; empty otherwise.
    pub needs: Vec<Method>,
    /// The rule of the step-up table that was looked up.
    pub rule: String,
    pub binding: Binding,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Why a decision does not authorise a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    #[error("the decision does not allow this payment")]
    NotAllowed,
    #[error("the decision has expired: authenticate again")]
    Expired,
    #[error("the decision was made in the future: check this server's clock")]
    FromTheFuture,
    #[error("the decision was made for another payment")]
    OtherIntent,
    #[error("the amount or currency changed after the payer agreed")]
    AmountChanged,
    #[error("the payee changed after the payer agreed")]
    PayeeChanged,
    #[error("the decision was made for another account")]
    OtherAccount,
    #[error("the decision answered another challenge")]
    OtherChallenge,
}

impl Decision {
    pub(crate) fn new(
        mut reasons: Vec<Reason>,
        methods: Vec<Method>,
        answer: Answer,
        binding: Binding,
        now: Timestamp,
    ) -> Self {
        reasons.sort_by_key(|r| (std::cmp::Reverse(r.outcome()), *r));
        reasons.dedup();
        // An attempt about which nothing at all was found is not an allowed one.
        let outcome = reasons.first().map_or(Outcome::Retake, |r| r.outcome());
        if reasons.is_empty() {
            reasons.push(Reason::NoEvidence);
        }
        let needs = if outcome == Outcome::StepUp { answer.needs } else { Vec::new() };
        let rule = answer.rule;
        Self { outcome, reasons, methods, needs, rule, binding, made_at: now, expires_at: now.plus(DECISION_LIFE) }
    }

    /// Whether this decision authorises exactly `binding` at `now`. Single use is the store's part:
    /// it marks the decision used in the payment's own transaction.
    ///
    /// # Errors
    /// The first [`Stale`] reason found; every one of them means: do not move money.
    pub fn authorises(&self, binding: &Binding, now: Timestamp) -> Result<(), Stale> {
        if self.outcome != Outcome::Allow {
            return Err(Stale::NotAllowed);
        }
        if now < self.made_at {
            return Err(Stale::FromTheFuture);
        }
        if now >= self.expires_at {
            return Err(Stale::Expired);
        }
        self.binding.same_as(binding)
    }

    /// What to tell the payer.
    pub const fn next_step(&self) -> NextStep {
        NextStep::after(self.outcome)
    }
}

impl Binding {
    fn same_as(&self, other: &Self) -> Result<(), Stale> {
        let checks = [
            (self.intent == other.intent, Stale::OtherIntent),
            (self.amount == other.amount, Stale::AmountChanged),
            (self.payee == other.payee, Stale::PayeeChanged),
            (self.account == other.account, Stale::OtherAccount),
            (self.challenge == other.challenge, Stale::OtherChallenge),
        ];
        checks.into_iter().find(|(same, _)| !same).map_or(Ok(()), |(_, stale)| Err(stale))
    }
}
