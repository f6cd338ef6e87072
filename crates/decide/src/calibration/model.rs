use serde::{Deserialize, Serialize};

use super::CalibrationError;
use crate::MatchSize;

/// From cosine and sizes to a log-likelihood ratio, in two steps.
///
/// *Size.* The mean of n pictures points at the person's own direction with reliability
/// r(n) = √(ρ·n / (1 + (n−1)·ρ)) (Spearman–Brown), where ρ is the mean cosine of two pictures of one person. Between two
/// means everything systematic shrinks by r(views)·r(frames): one person gives that cosine on average, and two people of a
/// group that looks alike give β times it, around which they scatter by σ whatever the size. So
/// z = (cosine − β·r(views)·r(frames)) / σ has the same distribution for impostors of that group at every size. Measured
/// from 1×1 to 8×8: β·r·r predicts the mean within 0.01, σ stays within 0.106–0.116.
///
/// *Likelihood.* llr = offset + slope·z, fitted by logistic regression on z of both kinds (sets and kinds weighted equally).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreModel {
    /// ρ, 0..1.
    pub reliability: f32,
    /// β, 0..1: how alike two people of the worst set are.
    pub resemblance: f32,
    /// σ, cosine.
    pub spread: f32,
    pub offset: f32,
    /// Positive, so that a higher score is never worth less.
    pub slope: f32,
}

impl ScoreModel {
    /// r(views)·r(frames), 0..1. Sizes of zero count as one.
    pub fn reliability_of(&self, size: MatchSize) -> f32 {
        let of = |n: u8| {
            let n = f32::from(n.max(1));
            (self.reliability * n / (1.0 + (n - 1.0) * self.reliability)).sqrt()
        };
        of(size.views) * of(size.frames)
    }

    /// Deviations above the mean impostor of the worst set.
    pub fn z(&self, cosine: f32, size: MatchSize) -> f32 {
        (cosine - self.resemblance * self.reliability_of(size)) / self.spread
    }

    /// Natural logarithm of the likelihood ratio.
    pub fn llr(&self, cosine: f32, size: MatchSize) -> f32 {
        self.offset + self.slope * self.z(cosine, size)
    }

    /// The cosine whose ratio is `llr` at this size (may lie outside −1..1).
    pub fn cosine_at(&self, llr: f32, size: MatchSize) -> f32 {
        self.resemblance * self.reliability_of(size) + self.spread * (llr - self.offset) / self.slope
    }

    pub(super) fn check(&self) -> Result<(), CalibrationError> {
        let open = |v: f32| v.is_finite() && v > 0.0 && v < 1.0;
        let spread = self.spread.is_finite() && (0.01..=0.5).contains(&self.spread);
        let line = self.offset.is_finite() && self.slope.is_finite() && self.slope > 0.0;
        if open(self.reliability) && open(self.resemblance) && spread && line {
            Ok(())
        } else {
            Err(CalibrationError::Invalid("its score model is out of range"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MODEL: ScoreModel =
        ScoreModel { reliability: 0.54, resemblance: 0.39, spread: 0.108, offset: -6.0, slope: 2.5 };

    fn size(views: u8, frames: u8) -> MatchSize {
        MatchSize { views, frames }
    }

    #[test]
    fn averages_are_as_reliable_as_spearman_and_brown_say() {
        assert!((MODEL.reliability_of(size(1, 1)) - 0.54).abs() < 1e-6);
        // 0.854 and 0.779 are the squared reliabilities of 5 and 3 pictures at ρ = 0.54.
        assert!((MODEL.reliability_of(size(5, 3)) - (0.854_4_f32 * 0.778_8).sqrt()).abs() < 1e-3);
        assert!((MODEL.reliability_of(size(0, 0)) - 0.54).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn a_higher_cosine_is_worth_more_and_the_way_back_fits(cosine in -1.0f32..1.0, more in 0.001f32..0.5, views in 1u8..32, frames in 1u8..32) {
            let s = size(views, frames);
            let llr = MODEL.llr(cosine, s);
            prop_assert!(MODEL.llr(cosine + more, s) > llr);
            prop_assert!((MODEL.cosine_at(llr, s) - cosine).abs() < 1e-4);
            prop_assert!(MODEL.llr(cosine, size(views + 1, frames)) < llr, "a mean of more pictures must reach more");
        }
    }
}
