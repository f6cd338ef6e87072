//! What the face alone may pay: small amounts, smaller ones on the first day, a second factor above.

use base::{Span, Timestamp};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::{PolicyError, Reason};

/// How long a fresh or renewed face pays only the first day's amounts.
pub const FIRST_DAY: Span = Span::hours(24);

/// What the face alone may pay in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceLimits {
    /// One payment during the first day after enrolment. Default 30.00 EUR (low-value payment, RTS art. 16).
    pub first_day_each: Money,
    /// All payments during the first day. Default 100.00 EUR (RTS art. 16).
    pub first_day_total: Money,
    /// One payment after that. Default 50.00 EUR (contactless payment, RTS art. 11).
    pub each: Money,
    /// All payments of the last 24 hours. Default 150.00 EUR (RTS art. 11).
    pub daily: Money,
}

/// Limits per currency. A currency without limits always needs the second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MoneyPolicy {
    pub limits: Vec<FaceLimits>,
}

/// What is known about this payer's face and recent payments by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayerHistory {
    /// When the face was enrolled or last renewed.
    pub enrolled_at: Timestamp,
    /// Sum paid by face alone during the last 24 hours, in this payment's currency (minor units, ≥ 0).
    pub paid_by_face_24h: i64,
}

impl MoneyPolicy {
    fn limits_for(&self, currency: Currency) -> Option<&FaceLimits> {
        self.limits.iter().find(|l| l.each.currency() == currency)
    }

    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        for (i, limits) in self.limits.iter().enumerate() {
            limits.check()?;
            let currency = limits.each.currency();
            if self.limits.iter().skip(i + 1).any(|l| l.each.currency() == currency) {
                return Err(PolicyError::TwiceLimited(currency.code().to_owned()));
            }
        }
        Ok(())
    }
}

impl Default for MoneyPolicy {
    /// Euro figures as in the RTS; the others are the same order of magnitude in round numbers.
    fn default() -> Self {
        let limits = |currency, [first_day_each, first_day_total, each, daily]: [i64; 4]| FaceLimits {
            first_day_each: Money::new(first_day_each, currency),
            first_day_total: Money::new(first_day_total, currency),
            each: Money::new(each, currency),
            daily: Money::new(daily, currency),
        };
        let cents = [3_000, 10_000, 5_000, 15_000];
        Self { limits: vec![limits(Currency::EUR, cents), limits(Currency::USD, cents), limits(Currency::JPY, cents)] }
    }
}

impl FaceLimits {
    fn check(&self) -> Result<(), PolicyError> {
        let all = [self.first_day_each, self.first_day_total, self.each, self.daily];
        let one_currency = all.iter().all(|m| m.currency() == self.each.currency() && m.minor() > 0);
        let first_day_is_smaller =
            self.first_day_each.minor() <= self.each.minor() && self.first_day_total.minor() <= self.daily.minor();
        let ok = one_currency && first_day_is_smaller;
        if ok { Ok(()) } else { Err(PolicyError::Money(self.each.currency().code().to_owned())) }
    }
}

/// The findings against paying `amount` by face alone; empty means it may.
pub fn judge(amount: Money, history: &PayerHistory, policy: &MoneyPolicy, now: Timestamp) -> Vec<Reason> {
    let Some(limits) = policy.limits_for(amount.currency()) else {
        return vec![Reason::CurrencyWithoutLimit];
    };
    let mut reasons = Vec::new();
    // A clock that jumped back reads as "enrolled just now": the smaller limits hold.
    let first_day = now.since(history.enrolled_at) < FIRST_DAY;
    let total = history.paid_by_face_24h.max(0).saturating_add(amount.minor());
    if first_day && (amount.minor() > limits.first_day_each.minor() || total > limits.first_day_total.minor()) {
        reasons.push(Reason::FirstDayLimit);
    }
    if amount.minor() > limits.each.minor() {
        reasons.push(Reason::AboveFaceLimit);
    }
    if total > limits.daily.minor() {
        reasons.push(Reason::AboveFaceDailyLimit);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn reasons(euro_cents: i64, hours_enrolled: i64, paid: i64) -> Vec<Reason> {
        let enrolled_at = Timestamp::from_millis(NOW.as_millis() - Span::hours(hours_enrolled).as_millis());
        let history = PayerHistory { enrolled_at, paid_by_face_24h: paid };
        judge(Money::new(euro_cents, Currency::EUR), &history, &MoneyPolicy::default(), NOW)
    }

    #[test]
    fn small_amounts_pass_and_larger_ones_step_up() {
        let table: &[(i64, i64, i64, &[Reason])] = &[
            (2_000, 0, 0, &[]),
            (3_000, 0, 0, &[]),
            (3_001, 0, 0, &[Reason::FirstDayLimit]),
            (3_000, 23, 7_000, &[]),
            (3_000, 23, 7_001, &[Reason::FirstDayLimit]),
            (3_001, 24, 0, &[]),
            (5_000, 24, 10_000, &[]),
            (5_001, 24, 0, &[Reason::AboveFaceLimit]),
            (5_000, 24, 10_001, &[Reason::AboveFaceDailyLimit]),
            (i64::MAX, 24, i64::MAX, &[Reason::AboveFaceLimit, Reason::AboveFaceDailyLimit]),
            // The clock jumped back before the enrolment.
            (3_001, -5, 0, &[Reason::FirstDayLimit]),
        ];
        for (cents, hours, paid, expected) in table {
            assert_eq!(reasons(*cents, *hours, *paid), *expected, "{cents} {hours} {paid}");
        }
    }

    #[test]
    fn a_currency_without_limits_always_needs_the_second_factor() {
        let none = MoneyPolicy { limits: Vec::new() };
        let history = PayerHistory { enrolled_at: Timestamp::from_millis(0), paid_by_face_24h: 0 };
        assert_eq!(judge(Money::new(1, Currency::EUR), &history, &none, NOW), [Reason::CurrencyWithoutLimit]);
    }

    #[test]
    fn mixed_currencies_and_double_limits_are_refused() {
        let mut policy = MoneyPolicy::default();
        if let Some(first) = policy.limits.first_mut() {
            first.daily = Money::new(1, Currency::USD);
        }
        assert!(policy.check().is_err());
        let mut twice = MoneyPolicy::default();
        twice.limits.extend(MoneyPolicy::default().limits);
        assert!(matches!(twice.check(), Err(PolicyError::TwiceLimited(_))));
    }
}
