//! The soft lock: five failures close the face for a while, ever longer; another method opens it again.
//!
//! One state per (device, account). A stranger's device fills up only its own state, so it cannot lock the payer out.
//!
//! ```text
//!            failure (1..=4)              5th failure                     wait is over
//!   Clear ───────────────────▶ Counting ─────────────▶ Waiting(delay n) ───────────────▶ OneTry
//!     ▲                           │                       ▲                                │
//!     │ success, another method,  │                       └──────── failure: delay n+1 ────┤
//!     └───── or a quiet day ──────┴────────────────────────────────────────────── success ─┘
//! ```

use base::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Consecutive failures after which the method waits (EU RTS art. 4(3)(b): at most five).
pub const FAILURES_BEFORE_LOCK: u32 = 5;

/// Failures older than this no longer count.
pub const FORGET_AFTER: Span = Span::hours(24);

/// Waits after the 5th, 6th, … failure; the last one repeats.
const DELAYS: [Span; 6] =
    [Span::minutes(1), Span::minutes(5), Span::minutes(15), Span::hours(1), Span::hours(4), Span::hours(24)];

/// What is remembered about one device's failures on one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockState {
    /// Consecutive failures.
    pub failures: u32,
    pub last_failure: Option<Timestamp>,
}

/// Whether an attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Yes; so many failures are left before the next wait.
    Open { left: u32 },
    /// Not before `until`.
    Waiting { until: Timestamp },
}

impl LockState {
    /// No failures.
    pub const CLEAR: Self = Self { failures: 0, last_failure: None };

    /// The state after one more failure at `now`.
    #[must_use]
    pub fn after_failure(self, now: Timestamp) -> Self {
        let current = self.forgetting(now);
        // A clock that jumped back must not shorten a wait that is running.
        let last = current.last_failure.map_or(now, |t| t.max(now));
        Self { failures: current.failures.saturating_add(1), last_failure: Some(last) }
    }

    /// The state after a success, by this or by another method.
    #[must_use]
    pub const fn after_success(self) -> Self {
        Self::CLEAR
    }

    /// Whether an attempt may start at `now`.
    pub fn gate(self, now: Timestamp) -> Gate {
        let current = self.forgetting(now);
        match current.waits_until() {
            Some(until) if now < until => Gate::Waiting { until: until.min(now.plus(current.delay())) },
            Some(_) => Gate::Open { left: 1 },
            None => Gate::Open { left: FAILURES_BEFORE_LOCK.saturating_sub(current.failures) },
        }
    }

    fn forgetting(self, now: Timestamp) -> Self {
        let quiet_since = match self.waits_until() {
            Some(until) => Some(until),
            None => self.last_failure,
        };
        match quiet_since {
            Some(t) if now.since(t) >= FORGET_AFTER => Self::CLEAR,
            _ => self,
        }
    }

    fn waits_until(self) -> Option<Timestamp> {
        let locked = self.failures >= FAILURES_BEFORE_LOCK;
        self.last_failure.filter(|_| locked).map(|t| t.plus(self.delay()))
    }

    fn delay(self) -> Span {
        let step = self.failures.saturating_sub(FAILURES_BEFORE_LOCK) as usize;
        DELAYS.get(step).or(DELAYS.last()).copied().unwrap_or(FORGET_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn failed(times: u32, at: Timestamp) -> LockState {
        (0..times).fold(LockState::CLEAR, |s, _| s.after_failure(at))
    }

    #[test]
    fn four_failures_leave_one_try_and_the_fifth_waits_a_minute() {
        assert_eq!(failed(4, T0).gate(T0), Gate::Open { left: 1 });
        assert_eq!(failed(5, T0).gate(T0), Gate::Waiting { until: T0.plus(Span::minutes(1)) });
        assert_eq!(failed(5, T0).gate(T0.plus(Span::seconds(59))), Gate::Waiting { until: T0.plus(Span::minutes(1)) });
        assert_eq!(failed(5, T0).gate(T0.plus(Span::minutes(1))), Gate::Open { left: 1 });
    }

    #[test]
    fn delays_grow_and_stay_bounded() {
        let mut last = Span::millis(0);
        for n in 5..40 {
            let Gate::Waiting { until } = failed(n, T0).gate(T0) else { panic!("{n} failures must wait") };
            assert!(until.since(T0) >= last && until.since(T0) <= Span::hours(24), "{n}");
            last = until.since(T0);
        }
        assert_eq!(last, Span::hours(24));
    }

    #[test]
    fn success_and_a_quiet_day_clear() {
        assert_eq!(failed(9, T0).after_success(), LockState::CLEAR);
        assert_eq!(failed(3, T0).gate(T0.plus(Span::hours(24))), Gate::Open { left: 5 });
        // The day counts from the end of the wait, so a long wait does not clear itself.
        assert_eq!(failed(11, T0).gate(T0.plus(Span::hours(24))), Gate::Open { left: 1 });
    }

    #[test]
    fn a_clock_that_jumps_back_neither_opens_nor_locks_for_ever() {
        let state = failed(5, T0);
        let before = Timestamp::from_millis(T0.as_millis() - Span::days(300).as_millis());
        assert_eq!(state.gate(before), Gate::Waiting { until: before.plus(Span::minutes(1)) });
        assert_eq!(state.after_failure(before).last_failure, Some(T0));
    }

    #[test]
    fn a_strangers_device_has_its_own_state() {
        let (stranger, payer) = (failed(50, T0), LockState::CLEAR);
        assert!(matches!(stranger.gate(T0), Gate::Waiting { .. }));
        assert_eq!(payer.gate(T0), Gate::Open { left: FAILURES_BEFORE_LOCK });
    }
}
