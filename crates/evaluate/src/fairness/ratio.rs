//! How far apart the groups lie: highest against lowest rate, and highest against the geometric mean (NIST IR 8429).

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::tally::{Rate, Tally};
use crate::limits::RESAMPLES;

/// One rate at one operating point. A ratio is `null` where a group had no error at all: then nobody knows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RatioRow {
    pub point: String,
    /// `fmr` or `fnmr`.
    pub rate: &'static str,
    /// Group with the highest rate.
    pub worst: Option<String>,
    pub max_min: Option<f64>,
    pub worst_geomean: Option<f64>,
    /// 95 % intervals over draws of the people (bootstrap); an upper end is `null` when a group of a draw had no error.
    pub max_min_95: Option<(f64, Option<f64>)>,
    pub worst_geomean_95: Option<(f64, Option<f64>)>,
    /// Groups that take part.
    pub groups: usize,
    /// Why there is no ratio; empty when there is one.
    pub says: String,
}

/// Highest over lowest, and highest over the geometric mean; `None` with a rate of zero or fewer than two.
fn ratios(rates: &[f64]) -> Option<(f64, f64)> {
    if rates.len() < 2 || rates.iter().any(|r| *r <= 0.0) {
        return None;
    }
    let max = rates.iter().copied().fold(0.0, f64::max);
    let min = rates.iter().copied().fold(f64::INFINITY, f64::min);
    #[expect(clippy::cast_precision_loss, reason = "a handful of groups")]
    let mean = (rates.iter().map(|r| r.ln()).sum::<f64>() / rates.len() as f64).exp();
    Some((max / min, max / mean))
}

/// FMR, then FNMR.
pub(super) fn rows(point: &str, groups: &[&Tally], seed: u64) -> [RatioRow; 2] {
    [Rate::Fmr, Rate::Fnmr].map(|rate| row(point, rate, groups, seed))
}

fn row(point: &str, rate: Rate, groups: &[&Tally], seed: u64) -> RatioRow {
    let with_rate: Vec<(&Tally, f64)> = groups.iter().filter_map(|g| Some((*g, g.rate(rate, |_| 1)?))).collect();
    let rates: Vec<f64> = with_rate.iter().map(|g| g.1).collect();
    let worst = with_rate.iter().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|w| w.1 > 0.0);
    let found = ratios(&rates);
    let (max_min_95, worst_geomean_95) = match found {
        Some(_) => intervals(rate, groups, seed),
        None => (None, None),
    };
    let without: Vec<&str> = with_rate.iter().filter(|g| g.1 <= 0.0).map(|g| g.0.group.as_str()).collect();
    let says = match (found, rates.len()) {
        (Some(_), _) => String::new(),
        (None, 0 | 1) => "fewer than two groups with comparisons".to_owned(),
        (None, n) if without.len() == n => "no group had an error: the ratio is not known".to_owned(),
        (None, _) => format!("no error in {}: the ratio is not known", without.join(", ")),
    };
    RatioRow {
        point: point.to_owned(),
        rate: rate.name(),
        worst: worst.map(|w| w.0.group.clone()),
        max_min: found.map(|f| f.0),
        worst_geomean: found.map(|f| f.1),
        max_min_95,
        worst_geomean_95,
        groups: rates.len(),
        says,
    }
}

type Interval = Option<(f64, Option<f64>)>;

/// Draws each group's people again, with replacement, and takes the 2.5th and 97.5th percentile of both ratios.
fn intervals(rate: Rate, groups: &[&Tally], seed: u64) -> (Interval, Interval) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut max_min, mut worst_mean) = (Vec::new(), Vec::new());
    for _ in 0..RESAMPLES {
        let rates: Vec<f64> = groups.iter().filter_map(|g| redrawn(g, rate, &mut rng)).collect();
        // A draw without an error in some group has an endless ratio; it counts, at the upper end.
        let (a, b) = ratios(&rates).unwrap_or((f64::INFINITY, f64::INFINITY));
        max_min.push(a);
        worst_mean.push(b);
    }
    (middle_95(max_min), middle_95(worst_mean))
}

fn redrawn(group: &Tally, rate: Rate, rng: &mut ChaCha8Rng) -> Option<f64> {
    let people: Vec<usize> = group.people.iter().copied().collect();
    let mut times = std::collections::BTreeMap::<usize, u64>::new();
    for _ in 0..people.len() {
        let chosen = people.get(rng.random_range(0..people.len()))?;
        *times.entry(*chosen).or_default() += 1;
    }
    group.rate(rate, |i| times.get(&i).copied().unwrap_or(0))
}

fn middle_95(mut values: Vec<f64>) -> Interval {
    values.sort_by(f64::total_cmp);
    let at = |per_mille: usize| values.get((values.len().saturating_sub(1)) * per_mille / 1_000).copied();
    let (low, high) = (at(25)?, at(975)?);
    low.is_finite().then(|| (low, Some(high).filter(|h| h.is_finite())))
}

#[cfg(test)]
mod tests {
    use super::super::tally::tests::group;
    use super::*;

    #[test]
    fn ratios_by_hand() {
        let (max_min, mean) = ratios(&[0.01, 0.04]).unwrap();
        assert!((max_min - 4.0).abs() < 1e-12 && (mean - 2.0).abs() < 1e-12);
        assert!(ratios(&[0.01]).is_none() && ratios(&[0.0, 0.1]).is_none());
    }

    #[test]
    fn a_group_without_errors_has_no_ratio_and_says_so() {
        let (clean, dirty) = (group("clean", 6, 0), group("dirty", 6, 2));
        let [fmr, fnmr] = rows("p", &[&clean, &dirty], 1);
        assert_eq!((fmr.max_min, fmr.worst.as_deref()), (None, Some("dirty")));
        assert!(fmr.says.contains("clean"), "{}", fmr.says);
        assert!(fnmr.says.contains("no group"), "{}", fnmr.says);
    }

    #[test]
    fn the_interval_holds_the_ratio_and_repeats() {
        let (one, four) = (group("one", 12, 1), group("four", 12, 4));
        let [row, _] = rows("p", &[&one, &four], 7);
        let (low, high) = row.max_min_95.unwrap();
        assert!((row.max_min.unwrap() - 4.0).abs() < 1e-9);
        assert!(low > 1.0 && low < 4.0 && high.is_none_or(|h| h > 4.0), "{low} {high:?}");
        assert_eq!(rows("p", &[&one, &four], 7)[0], row);
    }
}
