//! How alike two faces are, and how much material stands behind that number.

use std::fmt;

/// Cosine between two unit vectors, −1…1 (1 = the same vector).
///
/// A score never leaves the process: it has no `Serialize` and its `Debug` hides the number.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Cosine(f32);

impl Cosine {
    /// `None` for NaN and infinities; rounding just outside −1…1 is clamped.
    pub fn new(value: f32) -> Option<Self> {
        value.is_finite().then(|| Self(value.clamp(-1.0, 1.0)))
    }

    pub const fn get(self) -> f32 {
        self.0
    }
}

impl fmt::Debug for Cosine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cosine(hidden)")
    }
}

/// How many pictures stand on each side of a comparison. A threshold belongs to a size, not to a network:
/// averaging raises genuine *and* impostor scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchSize {
    /// Views averaged in the template.
    pub views: u8,
    /// Frames averaged in the probe.
    pub frames: u8,
}

/// One comparison of a probe with a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceMatch {
    pub score: Cosine,
    pub size: MatchSize,
}

/// Eye openness of this capture relative to the same payer's enrolled openness; never an absolute number
/// (an absolute gate called people with narrow eyes "eyes closed").
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EyeRatio(f32);

impl EyeRatio {
    /// `None` when either side is unknown or not positive: then eyes are simply not judged.
    pub fn of(probe: f32, enrolled: f32) -> Option<Self> {
        let known = probe.is_finite() && enrolled.is_finite() && probe >= 0.0 && enrolled > f32::EPSILON;
        known.then(|| Self(probe / enrolled))
    }

    pub const fn get(self) -> f32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_refuses_what_is_not_a_number_and_clamps_rounding() {
        assert!(Cosine::new(f32::NAN).is_none());
        assert!(Cosine::new(f32::INFINITY).is_none());
        assert_eq!(Cosine::new(1.000_001).map(Cosine::get), Some(1.0));
    }

    #[test]
    fn a_score_does_not_print() {
        let shown = format!("{:?}", Cosine::new(0.625));
        assert!(!shown.contains("625"), "{shown}");
    }

    #[test]
    fn eyes_without_a_reference_are_not_judged() {
        assert!(EyeRatio::of(0.3, 0.0).is_none());
        assert!(EyeRatio::of(f32::NAN, 0.3).is_none());
        assert_eq!(EyeRatio::of(0.15, 0.30).map(EyeRatio::get), Some(0.5));
    }
}
