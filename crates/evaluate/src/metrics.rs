/// Scores of genuine pairs (one person) and impostor pairs (two people).
#[derive(Clone, Debug, Default)]
pub struct Scores {
    genuine: Vec<f32>,
    impostor: Vec<f32>,
}

impl Scores {
    pub fn push(&mut self, same: bool, score: f32) {
        if same { self.genuine.push(score) } else { self.impostor.push(score) }
    }

    /// Sorts; the figures below need it.
    pub fn finish(mut self) -> SortedScores {
        self.genuine.sort_by(f32::total_cmp);
        self.impostor.sort_by(f32::total_cmp);
        SortedScores { genuine: self.genuine, impostor: self.impostor }
    }
}

/// As [`Scores`], lowest first. A pair matches when its score is at or above the threshold.
pub struct SortedScores {
    genuine: Vec<f32>,
    impostor: Vec<f32>,
}

impl SortedScores {
    pub fn genuine(&self) -> usize {
        self.genuine.len()
    }

    pub fn impostor(&self) -> usize {
        self.impostor.len()
    }

    /// Share of genuine pairs below `threshold`; 0 without any.
    pub fn fnmr(&self, threshold: f32) -> f64 {
        ratio(below(&self.genuine, threshold), self.genuine.len())
    }

    /// Share of impostor pairs at or above `threshold`; 0 without any.
    pub fn fmr(&self, threshold: f32) -> f64 {
        ratio(self.impostor.len() - below(&self.impostor, threshold), self.impostor.len())
    }

    /// (FMR, FNMR) at every threshold where one of them changes, from the loosest to the strictest.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        let mut thresholds: Vec<f32> = self.genuine.iter().chain(&self.impostor).copied().collect();
        thresholds.sort_by(f32::total_cmp);
        thresholds.dedup();
        thresholds.push(f32::INFINITY);
        thresholds.into_iter().map(|t| (self.fmr(t), self.fnmr(t))).collect()
    }

    /// Correctly judged pairs at the best threshold.
    pub fn best_correct(&self) -> usize {
        let correct = |t: f32| self.genuine.len() - below(&self.genuine, t) + below(&self.impostor, t);
        // Between two neighbouring genuine scores a lower threshold only adds impostors, so the best one is a genuine score, or
        // above everything.
        self.genuine.iter().map(|&t| correct(t)).chain([self.impostor.len()]).max().unwrap_or(0)
    }

    /// Where FMR and FNMR cross, interpolated; `None` without pairs of both kinds.
    pub fn eer(&self) -> Option<f64> {
        if self.genuine.is_empty() || self.impostor.is_empty() {
            return None;
        }
        let mut thresholds: Vec<f32> = self.genuine.iter().chain(&self.impostor).copied().collect();
        thresholds.push(f32::INFINITY);
        thresholds.sort_by(f32::total_cmp);
        // As the threshold grows FMR falls from 1 to 0 and FNMR rises from 0 to 1.
        let (mut last_fmr, mut last_fnmr) = (1.0, 0.0);
        for t in thresholds {
            let (fmr, fnmr) = (self.fmr(t), self.fnmr(t));
            if fnmr >= fmr {
                let (before, after) = (last_fmr - last_fnmr, fnmr - fmr);
                let share = if before + after > 0.0 { before / (before + after) } else { 0.0 };
                return Some(last_fmr + share * (fmr - last_fmr));
            }
            (last_fmr, last_fnmr) = (fmr, fnmr);
        }
        None
    }

    /// Chance that a genuine pair scores above an impostor pair, equal scores counted half (Mann–Whitney); 0.5 without pairs of
    /// both kinds.
    pub fn auc(&self) -> f64 {
        let twice = |g: f32| below(&self.impostor, g) + self.impostor.partition_point(|i| *i <= g);
        let wins: usize = self.genuine.iter().map(|g| twice(*g)).sum();
        let all = 2 * self.genuine.len() * self.impostor.len();
        if all == 0 { 0.5 } else { ratio(wins, all) }
    }

    /// Share of genuine pairs that match when at most a share `fmr` of the impostor pairs does; `None` without pairs of both
    /// kinds. With fewer than 1/fmr impostor pairs this is "no false match at all in this list", not the rate itself.
    pub fn tar_at_fmr(&self, fmr: f64) -> Option<f64> {
        if self.genuine.is_empty() {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "counts below 2^52"
        )]
        let allowed = (self.impostor.len() as f64 * fmr + 1e-9).floor() as usize;
        // The highest impostor score that must not match.
        let first_refused = *self.impostor.get(self.impostor.len().checked_sub(allowed + 1)?)?;
        let above = self.genuine.len() - self.genuine.partition_point(|s| *s <= first_refused);
        Some(ratio(above, self.genuine.len()))
    }
}

fn below(sorted: &[f32], threshold: f32) -> usize {
    sorted.partition_point(|s| *s < threshold)
}

/// A share; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
pub(crate) fn ratio<T: TryInto<u64>>(part: T, whole: T) -> f64 {
    let count = |n: T| n.try_into().map_or(0.0, |n: u64| n as f64);
    let (part, whole) = (count(part), count(whole));
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scores(genuine: &[f32], impostor: &[f32]) -> SortedScores {
        let mut s = Scores::default();
        genuine.iter().for_each(|g| s.push(true, *g));
        impostor.iter().for_each(|i| s.push(false, *i));
        s.finish()
    }

    #[test]
    fn figures_of_a_small_list_by_hand() {
        // 10 genuine (one at 0.2), 10 impostors (one at 0.5).
        let genuine = [0.2, 0.6, 0.6, 0.7, 0.7, 0.8, 0.8, 0.9, 0.9, 0.9];
        let impostor = [0.0, 0.0, 0.1, 0.1, 0.1, 0.1, 0.15, 0.15, 0.15, 0.5];
        let s = scores(&genuine, &impostor);
        assert_eq!(s.best_correct(), 19);
        let curve = s.curve();
        assert_eq!((curve.first(), curve.last()), (Some(&(1.0, 0.0)), Some(&(0.0, 1.0))));
        assert!((s.fnmr(0.363) - 0.1).abs() < 1e-9 && (s.fmr(0.363) - 0.1).abs() < 1e-9);
        assert!((s.eer().unwrap() - 0.1).abs() < 1e-9);
        assert!((s.tar_at_fmr(0.1).unwrap() - 1.0).abs() < 1e-9);
        assert!((s.tar_at_fmr(0.01).unwrap() - 0.9).abs() < 1e-9);
    }

    #[test]
    fn perfect_and_hopeless_lists() {
        let perfect = scores(&[0.9, 0.8], &[0.1, 0.2]);
        assert_eq!((perfect.best_correct(), perfect.eer()), (4, Some(0.0)));
        let inverted = scores(&[0.1, 0.2], &[0.8, 0.9]);
        assert_eq!((inverted.best_correct(), inverted.eer()), (2, Some(1.0)));
        assert_eq!(inverted.tar_at_fmr(1e-2), Some(0.0));
        assert_eq!((perfect.auc(), inverted.auc(), scores(&[0.3, 0.3], &[0.3]).auc()), (1.0, 0.0, 0.5));
        let one_kind = scores(&[0.5], &[]);
        assert_eq!((one_kind.best_correct(), one_kind.eer(), one_kind.tar_at_fmr(0.1)), (1, None, None));
    }

    proptest! {
        /// Against the slow definition: try every threshold.
        #[test]
        fn best_threshold_and_tar_agree_with_brute_force(
            genuine in prop::collection::vec(0_u8..50, 1..30), impostor in prop::collection::vec(0_u8..50, 1..30), percent in 0_u8..60
        ) {
            let (g, i): (Vec<f32>, Vec<f32>) = (genuine.iter().map(|v| f32::from(*v)).collect(), impostor.iter().map(|v| f32::from(*v)).collect());
            let s = scores(&g, &i);
            let thresholds: Vec<f32> = (0..=102_u8).map(|t| f32::from(t) / 2.0).collect();
            let correct = |t: f32| g.iter().filter(|s| **s >= t).count() + i.iter().filter(|s| **s < t).count();
            prop_assert_eq!(s.best_correct(), thresholds.iter().map(|t| correct(*t)).max().unwrap());
            let fmr = f64::from(percent) / 100.0;
            let allowed = thresholds.iter().filter(|t| s.fmr(**t) <= fmr + 1e-12);
            let best = allowed.map(|t| 1.0 - s.fnmr(*t)).fold(0.0, f64::max);
            prop_assert!((s.tar_at_fmr(fmr).unwrap_or(best) - best).abs() < 1e-9);
        }

        #[test]
        fn eer_lies_between_the_two_rates_around_it(
            genuine in prop::collection::vec(-1.0_f32..1.0, 1..40), impostor in prop::collection::vec(-1.0_f32..1.0, 1..40)
        ) {
            let s = scores(&genuine, &impostor);
            let eer = s.eer().unwrap();
            prop_assert!((0.0..=1.0).contains(&eer));
            // No threshold makes both rates smaller than the EER by more than one pair's worth.
            let slack = 1.0 / genuine.len().min(impostor.len()) as f64;
            for t in genuine.iter().chain(&impostor) {
                prop_assert!(s.fmr(*t).max(s.fnmr(*t)) >= eer - slack - 1e-9);
            }
        }
    }
}
