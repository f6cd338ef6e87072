//! What is known of the payer beyond the attempt itself, and how risky that makes a payment.

use base::{Span, Timestamp};

use crate::lock::{Gate, LockState};
use crate::rules::Risk;
use crate::usual::Circumstances;

/// How long a fresh or renewed method pays only the first day's amounts.
pub const FIRST_DAY: Span = Span::hours(24);

/// From so many failures in a row on this device a payment is unusual. Default 3: one slip and one hurry are people.
pub const UNUSUAL_FAILURES: u32 = 3;

/// What is known about this payer's method and recent payments by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayerHistory {
    /// When the method was enrolled or last renewed.
    pub enrolled_at: Timestamp,
    /// Sum paid by this method alone during the last 24 hours, in this payment's currency (minor units, ≥ 0).
    pub paid_24h: i64,
    pub circumstances: Circumstances,
}

/// How unusual a payment is: a method in its first day, and failures of this device before.
pub fn risk(enrolled_at: Timestamp, lock: LockState, now: Timestamp) -> Risk {
    // A clock that jumped back reads as "enrolled just now": the smaller limits hold.
    let fresh = now.since(enrolled_at) < FIRST_DAY;
    let failing = match lock.gate(now) {
        Gate::Open { left } => left <= crate::lock::FAILURES_BEFORE_LOCK - UNUSUAL_FAILURES,
        Gate::Waiting { .. } => true,
    };
    match (fresh, failing) {
        (false, false) => Risk::Low,
        (true, true) => Risk::High,
        _ => Risk::Elevated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_method_and_failures_add_up() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let hours_ago = |h: i64| Timestamp::from_millis(now.as_millis() - Span::hours(h).as_millis());
        let failed = |n| (0..n).fold(LockState::CLEAR, |s: LockState, _| s.after_failure(now));
        assert_eq!(risk(hours_ago(24), failed(2), now), Risk::Low);
        assert_eq!(risk(hours_ago(23), failed(0), now), Risk::Elevated);
        assert_eq!(risk(hours_ago(48), failed(3), now), Risk::Elevated);
        assert_eq!(risk(hours_ago(1), failed(3), now), Risk::High);
        // The clock jumped back before the enrolment.
        assert_eq!(risk(hours_ago(-5), failed(0), now), Risk::Elevated);
        // After a quiet day failures no longer count.
        let later = now.plus(Span::hours(24));
        assert_eq!(risk(now, failed(4), later), Risk::Low);
    }
}
