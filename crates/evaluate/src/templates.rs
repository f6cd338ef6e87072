//! Error rates of the template protocol at one threshold that was not made here.

use decide::{Calibration, MatchSize, OperatingPoint};
use serde::Serialize;

use crate::gallery::Gallery;
use crate::interval::{claimable, exact_95};
use crate::metrics::ratio;
use crate::people::Person;
use crate::protocol::{Compared, Protocol, llr, sets};

/// The row that sums all sets.
const ALL: &str = "*";

/// One set (or `*`) at the threshold. Field names are a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TemplateRow {
    pub set: String,
    /// People who take part.
    pub people: usize,
    pub draws: u32,
    pub genuine: u64,
    pub impostor: u64,
    /// Name of the calibration's operating point, and the recogniser it belongs to.
    pub threshold_for: String,
    /// Log-likelihood ratio to reach.
    pub threshold: f32,
    /// Shares, 0..=1.
    pub fnmr: f64,
    pub fmr: f64,
    /// Exact 95 % intervals as if the comparisons were independent.
    pub fnmr_95: [f64; 2],
    pub fmr_95: [f64; 2],
    /// The same threshold as a cosine at this size, for comparing with other tools.
    pub threshold_cosine: f32,
    /// Comparisons of two people in one draw: later draws repeat the same people, so only these count for a claim.
    pub impostor_per_draw: u64,
    /// Whether those are enough to claim the FMR that the row's bar asks for (rule of three).
    pub claimable: bool,
}

/// Counts at a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub genuine: u64,
    pub false_non_matches: u64,
    pub impostor: u64,
    pub false_matches: u64,
}

impl Counts {
    pub fn add(&mut self, same: bool, accepted: bool) {
        let (all, wrong) = if same {
            (&mut self.genuine, &mut self.false_non_matches)
        } else {
            (&mut self.impostor, &mut self.false_matches)
        };
        *all += 1;
        *wrong += u64::from(accepted != same);
    }

    pub fn fnmr(&self) -> f64 {
        ratio(self.false_non_matches, self.genuine)
    }

    pub fn fmr(&self) -> f64 {
        ratio(self.false_matches, self.impostor)
    }
}

/// FMR that a row may not exceed: over all sets, and in any one of them.
const fn bar(set_is_all: bool) -> f64 {
    if set_is_all { 1e-4 } else { 2e-3 }
}

/// One row per set that has comparisons, then `*`.
pub(crate) fn rows(
    gallery: &Gallery,
    protocol: &Protocol,
    compared: &[Compared],
    calibration: &Calibration,
    point: &OperatingPoint,
) -> Vec<TemplateRow> {
    let names = sets(&gallery.people);
    let of = |set: Option<&str>| row(gallery, protocol, compared, calibration, point, set);
    let mut rows: Vec<TemplateRow> = names.iter().map(|set| of(Some(set))).filter(|r| r.people > 0).collect();
    rows.push(of(None));
    rows
}

fn row(
    gallery: &Gallery,
    protocol: &Protocol,
    compared: &[Compared],
    calibration: &Calibration,
    point: &OperatingPoint,
    set: Option<&str>,
) -> TemplateRow {
    let counts = count(&gallery.people, compared, set, |c| llr(calibration, c) >= point.llr);
    let per_draw = counts.impostor / u64::from(protocol.draws.max(1));
    let small = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    let size = MatchSize { views: small(protocol.enrol), frames: small(protocol.probe) };
    TemplateRow {
        set: set.unwrap_or(ALL).to_owned(),
        people: protocol.participants(&gallery.people, &gallery.vectors, set),
        draws: protocol.draws,
        genuine: counts.genuine,
        impostor: counts.impostor,
        threshold_for: format!("{} of {}", point.name, calibration.model),
        threshold: point.llr,
        fnmr: counts.fnmr(),
        fmr: counts.fmr(),
        fnmr_95: exact_95(counts.false_non_matches, counts.genuine),
        fmr_95: exact_95(counts.false_matches, counts.impostor),
        threshold_cosine: calibration.score.cosine_at(point.llr, size),
        impostor_per_draw: per_draw,
        claimable: claimable(bar(set.is_none()), per_draw),
    }
}

/// Counts the comparisons of `set` (all when `None`).
pub(crate) fn count(
    people: &[Person],
    compared: &[Compared],
    set: Option<&str>,
    accepted: impl Fn(&Compared) -> bool,
) -> Counts {
    let mut counts = Counts::default();
    let wanted = |c: &&Compared| set.is_none_or(|s| people.get(c.template).is_some_and(|p| p.set == s));
    compared.iter().filter(wanted).for_each(|c| counts.add(c.same(), accepted(c)));
    counts
}
