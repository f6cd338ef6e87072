//! The client's clock: believed only as far as it runs forward.

use crate::limits::GAP_MS;
use crate::{NoEvidence, Reading};

/// Latest timestamp that is taken (ms): keeps sums of times exact.
const MAX_AT_MS: f64 = 1e13;

/// An accepted frame's place in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tick {
    /// ms since the first frame.
    pub(crate) at: f64,
    /// ms since the frame before; 0 for the first.
    pub(crate) since: f64,
}

impl Tick {
    /// Whether the pause before this frame breaks running measurements.
    pub(crate) fn after_gap(self) -> bool {
        self.since > GAP_MS
    }
}

#[derive(Default)]
pub(crate) struct Clock {
    first: Option<f64>,
    last: f64,
    pub(crate) accepted: u32,
    pub(crate) refused: u32,
}

impl Clock {
    /// Whether a frame at `at_ms` would be accepted.
    pub(crate) fn accepts(&self, at_ms: f64) -> bool {
        at_ms.is_finite() && (0.0..=MAX_AT_MS).contains(&at_ms) && (self.first.is_none() || at_ms > self.last)
    }

    /// ms from the first frame to `at_ms`; 0 before the first.
    pub(crate) fn since_first(&self, at_ms: f64) -> f64 {
        self.first.map_or(0.0, |first| at_ms - first)
    }

    /// Counts the frame; `None` when its time is unusable (not finite, negative, not later than the last).
    pub(crate) fn admit(&mut self, at_ms: f64) -> Option<Tick> {
        if !self.accepts(at_ms) {
            self.refused = self.refused.saturating_add(1);
            return None;
        }
        let since = if self.first.is_some() { at_ms - self.last } else { 0.0 };
        let first = *self.first.get_or_insert(at_ms);
        self.last = at_ms;
        self.accepted = self.accepted.saturating_add(1);
        Some(Tick { at: at_ms - first, since })
    }

    /// Frames per second from the first frame to the last.
    pub(crate) fn rate(&self) -> Reading {
        let span = self.last - self.first.unwrap_or(self.last);
        if self.accepted < 3 || span <= 0.0 {
            return Reading::NoEvidence(NoEvidence::TooFewFrames);
        }
        Reading::Value((f64::from(self.accepted - 1) * 1000.0 / span).min(1000.0) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_later_finite_times_are_taken() {
        let mut clock = Clock::default();
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e300] {
            assert_eq!(clock.admit(bad), None, "{bad}");
        }
        assert_eq!(clock.admit(100.0), Some(Tick { at: 0.0, since: 0.0 }));
        assert_eq!(clock.admit(100.0), None);
        assert_eq!(clock.admit(99.0), None);
        assert_eq!(clock.admit(200.0), Some(Tick { at: 100.0, since: 100.0 }));
        assert!(clock.admit(5_000.0).unwrap().after_gap());
        assert_eq!((clock.accepted, clock.refused), (3, 7));
    }

    #[test]
    fn rate_needs_frames() {
        let mut clock = Clock::default();
        assert_eq!(clock.rate(), Reading::NoEvidence(NoEvidence::TooFewFrames));
        for i in 0..31 {
            clock.admit(f64::from(i) * 50.0);
        }
        let Reading::Value(rate) = clock.rate() else { panic!() };
        assert!((rate - 20.0).abs() < 1e-3);
    }
}
