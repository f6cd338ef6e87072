//! Counts of one group, kept per pair of people so that people can be drawn again.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::Compared;
use crate::templates::Counts;

/// Comparisons of one pair of people: how many, how many went wrong.
#[derive(Clone, Copy, Default)]
struct Cell {
    all: u64,
    wrong: u64,
}

/// Everything counted in one group.
pub(super) struct Tally {
    pub(super) group: String,
    pub(super) sets: BTreeSet<String>,
    /// Places in the list of people.
    pub(super) people: BTreeSet<usize>,
    cells: BTreeMap<(usize, usize), Cell>,
}

/// A rate that groups are set against each other by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rate {
    Fmr,
    Fnmr,
}

impl Rate {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fmr => "fmr",
            Self::Fnmr => "fnmr",
        }
    }

    const fn counts(self, template: usize, probe: usize) -> bool {
        matches!((self, template == probe), (Self::Fnmr, true) | (Self::Fmr, false))
    }
}

impl Tally {
    pub(super) fn new(group: &str) -> Self {
        Self { group: group.to_owned(), sets: BTreeSet::new(), people: BTreeSet::new(), cells: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, c: &Compared, set: &str, accepted: bool) {
        if !self.sets.contains(set) {
            self.sets.insert(set.to_owned());
        }
        self.people.extend([c.template, c.probe]);
        let cell = self.cells.entry((c.template, c.probe)).or_default();
        cell.all += 1;
        cell.wrong += u64::from(accepted != c.same());
    }

    pub(super) fn counts(&self) -> Counts {
        let sum = |rate: Rate| {
            let cells = self.cells.iter().filter(|((t, p), _)| rate.counts(*t, *p));
            cells.fold((0, 0), |(all, wrong), (_, c)| (all + c.all, wrong + c.wrong))
        };
        let ((genuine, false_non_matches), (impostor, false_matches)) = (sum(Rate::Fnmr), sum(Rate::Fmr));
        Counts { genuine, false_non_matches, impostor, false_matches }
    }

    /// The rate when each person counts as often as `weight` says; `None` without comparisons.
    pub(super) fn rate(&self, rate: Rate, weight: impl Fn(usize) -> u64) -> Option<f64> {
        let mut sum = (0_u64, 0_u64);
        for ((t, p), cell) in self.cells.iter().filter(|((t, p), _)| rate.counts(*t, *p)) {
            let times = if t == p { weight(*t) } else { weight(*t) * weight(*p) };
            sum = (sum.0 + times * cell.all, sum.1 + times * cell.wrong);
        }
        (sum.0 > 0).then(|| crate::metrics::ratio(sum.1, sum.0))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use decide::{Cosine, FaceMatch, MatchSize};

    /// A group of `people` that all are compared once with each other; `wrong` of each person's comparisons with strangers match.
    pub fn group(name: &str, people: usize, wrong: usize) -> Tally {
        let mut tally = Tally::new(name);
        let matched = FaceMatch { score: Cosine::new(0.0).unwrap(), size: MatchSize { views: 1, frames: 1 } };
        for template in 0..people {
            for probe in 0..people {
                let c = Compared { template, probe, draw: 0, matched };
                let nth = (probe + people - template) % people;
                tally.add(&c, "s", c.same() || nth <= wrong);
            }
        }
        tally
    }

    #[test]
    fn weights_of_one_change_nothing_and_weights_of_none_leave_people_out() {
        let tally = group("g", 5, 1);
        let counts = tally.counts();
        assert_eq!((counts.genuine, counts.false_non_matches, counts.impostor, counts.false_matches), (5, 0, 20, 5));
        assert!((tally.rate(Rate::Fmr, |_| 1).unwrap() - 0.25).abs() < 1e-12);
        assert!((tally.rate(Rate::Fmr, |_| 3).unwrap() - 0.25).abs() < 1e-12);
        // Of 0, 1 and 2 alone only 0→1 and 1→2 are wrong.
        let three = tally.rate(Rate::Fmr, |i| u64::from(i < 3)).unwrap();
        assert!((three - 2.0 / 6.0).abs() < 1e-12);
        assert_eq!(tally.rate(Rate::Fmr, |i| u64::from(i == 0)), None);
        assert_eq!(tally.rate(Rate::Fnmr, |_| 1), Some(0.0));
    }
}
