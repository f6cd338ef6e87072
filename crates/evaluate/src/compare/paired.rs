//! Paired errors: McNemar's test on one draw, and the difference with its interval over people drawn again.

use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::interval::sign_test;
use crate::limits::RESAMPLES;
use crate::metrics::ratio;
use crate::protocol::Compared;

/// One person's or two people's comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Genuine,
    Impostor,
}

/// Errors of one set (or `*`). Rates are 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorRow {
    pub set: String,
    /// `fnmr` or `fmr`.
    pub rate: &'static str,
    pub comparisons: u64,
    pub a: f64,
    pub b: f64,
    /// Comparisons that only one of the two got wrong, over all draws.
    pub only_a_wrong: u64,
    pub only_b_wrong: u64,
    /// B − A, with its 95 % interval over people drawn again (bootstrap).
    pub difference: f64,
    pub difference_95: [f64; 2],
    /// McNemar's exact p on the first draw alone, as later draws repeat the same people.
    pub p: f64,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    all: u64,
    a: u64,
    b: u64,
    only_a: u64,
    only_b: u64,
    first_only_a: u64,
    first_only_b: u64,
}

impl Cell {
    const fn plus(self, o: Self) -> Self {
        Self {
            all: self.all + o.all,
            a: self.a + o.a,
            b: self.b + o.b,
            only_a: self.only_a + o.only_a,
            only_b: self.only_b + o.only_b,
            first_only_a: self.first_only_a + o.first_only_a,
            first_only_b: self.first_only_b + o.first_only_b,
        }
    }
}

/// Errors per pair of people.
#[derive(Default)]
pub(super) struct Paired {
    cells: BTreeMap<(usize, usize), (String, Cell)>,
}

impl Paired {
    pub(super) fn add(&mut self, set: &str, c: &Compared, (a, b): (bool, bool)) {
        let entry = self.cells.entry((c.template, c.probe)).or_insert_with(|| (set.to_owned(), Cell::default()));
        let (only_a, only_b) = (u64::from(a && !b), u64::from(b && !a));
        let first = u64::from(c.draw == 0);
        entry.1 = entry.1.plus(Cell {
            all: 1,
            a: u64::from(a),
            b: u64::from(b),
            only_a,
            only_b,
            first_only_a: first * only_a,
            first_only_b: first * only_b,
        });
    }

    /// `None` without comparisons of that kind.
    pub(super) fn row(&self, set: Option<&str>, side: Side, seed: u64) -> Option<ErrorRow> {
        let cells: Vec<((usize, usize), Cell)> = self
            .cells
            .iter()
            .filter(|((t, p), (s, _))| (t == p) == (side == Side::Genuine) && set.is_none_or(|set| s == set))
            .map(|(key, (_, cell))| (*key, *cell))
            .collect();
        let sum = cells.iter().fold(Cell::default(), |sum, (_, c)| sum.plus(*c));
        if sum.all == 0 {
            return None;
        }
        let (a, b) = (ratio(sum.a, sum.all), ratio(sum.b, sum.all));
        Some(ErrorRow {
            set: set.unwrap_or(super::ALL).to_owned(),
            rate: if side == Side::Genuine { "fnmr" } else { "fmr" },
            comparisons: sum.all,
            a,
            b,
            only_a_wrong: sum.only_a,
            only_b_wrong: sum.only_b,
            difference: b - a,
            difference_95: redrawn(&cells, seed),
            p: sign_test(sum.first_only_a, sum.first_only_b),
        })
    }
}

fn redrawn(cells: &[((usize, usize), Cell)], seed: u64) -> [f64; 2] {
    let mut people: Vec<usize> = cells.iter().flat_map(|((t, p), _)| [*t, *p]).collect();
    people.sort_unstable();
    people.dedup();
    // Where both err alike every draw gives the same difference.
    if cells.iter().all(|(_, c)| c.a == c.b) {
        return [0.0, 0.0];
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut differences = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        let mut times = BTreeMap::<usize, u64>::new();
        for _ in 0..people.len() {
            if let Some(person) = people.get(rng.random_range(0..people.len())) {
                *times.entry(*person).or_default() += 1;
            }
        }
        let weight = |i: &usize| times.get(i).copied().unwrap_or(0);
        let (mut all, mut a, mut b) = (0, 0, 0);
        for ((t, p), cell) in cells {
            let w = if t == p { weight(t) } else { weight(t) * weight(p) };
            (all, a, b) = (all + w * cell.all, a + w * cell.a, b + w * cell.b);
        }
        differences.push(ratio(b, all) - ratio(a, all));
    }
    middle_95(&mut differences).unwrap_or([-1.0, 1.0])
}

/// The 2.5th and 97.5th percentile.
pub(super) fn middle_95(values: &mut [f64]) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    let at = |per_mille: usize| values.get(values.len().saturating_sub(1) * per_mille / 1_000).copied();
    Some([at(25)?, at(975)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use decide::{Cosine, FaceMatch, MatchSize};

    fn compared(template: usize, probe: usize, draw: u32) -> Compared {
        let size = MatchSize { views: 1, frames: 1 };
        Compared { template, probe, draw, matched: FaceMatch { score: Cosine::new(0.0).unwrap(), size } }
    }

    #[test]
    fn counts_are_paired_and_only_the_first_draw_is_tested() {
        let mut paired = Paired::default();
        for draw in 0..2 {
            for person in 0..12 {
                paired.add("s", &compared(person, person, draw), (person < 10, person == 11));
                paired.add("s", &compared(person, (person + 1) % 12, draw), (false, false));
            }
        }
        let row = paired.row(Some("s"), Side::Genuine, 1).unwrap();
        assert_eq!((row.comparisons, row.only_a_wrong, row.only_b_wrong), (24, 20, 2));
        assert!((row.difference + 0.75).abs() < 1e-12 && row.difference_95[1] < 0.0);
        // 2 · (1 + 11) / 2^11, of the 11 people of one draw.
        assert!((row.p - 24.0 / 2_048.0).abs() < 1e-6, "{}", row.p);
        let same = paired.row(None, Side::Impostor, 1).unwrap();
        assert_eq!((same.p, same.difference_95), (1.0, [0.0, 0.0]));
        assert!(paired.row(Some("other"), Side::Genuine, 1).is_none());
    }
}
