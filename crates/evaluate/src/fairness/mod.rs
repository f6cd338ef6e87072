//! Error rates of each group at one threshold, and how far the groups lie apart.
//!
//! Strangers are compared within their group only (and within their set): people of one group resemble each other more, so
//! this is the rate that an impostor who chooses whom to imitate meets.

mod ratio;
mod tally;

use decide::{Calibration, MatchSize};
use serde::Serialize;

pub use ratio::RatioRow;

use crate::error::EvaluateError;
use crate::gallery::Gallery;
use crate::interval::{claimable, exact_95};
use crate::metrics::ratio as share;
use crate::protocol::{Compared, Protocol, llr};
use tally::Tally;

/// FMR and FNMR that a group's comparisons must be enough for: the bars of a set in the template protocol.
const FMR_BAR: f64 = 2e-3;
const FNMR_BAR: f64 = 1e-2;
/// People whose group nobody wrote down: shown, but in no ratio.
const UNKNOWN: &str = "(unknown)";
/// Mean false match rates of the groups at which the groups are set against each other, whatever threshold that takes in this
/// data. No threshold of a payment: at those a good recogniser has too few false matches to tell the groups apart.
const ANCHORS: [(&str, f64); 2] = [("mean_1e-2", 1e-2), ("mean_1e-1", 1e-1)];
/// Fewer people than this make no group that could be set against another.
const LEAST_PEOPLE: usize = 3;

/// What `evaluate fairness` found. Field names are a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FairnessReport {
    pub model: String,
    /// The shipped point, which payments use; the other points show where the groups part.
    pub default_point: String,
    /// Its threshold, as a log-likelihood ratio and as a cosine at this size.
    pub threshold: f32,
    pub threshold_cosine: f32,
    pub enrol: usize,
    pub probe: usize,
    pub draws: u32,
    pub seed: u64,
    /// SHA-256 over the people's pictures.
    pub data_sha256: String,
    pub groups: Vec<GroupRow>,
    pub ratios: Vec<RatioRow>,
}

/// One group at one operating point. Rates are 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupRow {
    pub point: String,
    pub group: String,
    pub people: usize,
    /// Where they come from.
    pub sets: Vec<String>,
    /// Comparisons of all draws.
    pub genuine: u64,
    pub false_non_matches: u64,
    pub impostor: u64,
    pub false_matches: u64,
    pub fnmr: f64,
    pub fmr: f64,
    /// Exact 95 % intervals on one draw's comparisons: later draws repeat the same people.
    pub fnmr_95: [f64; 2],
    pub fmr_95: [f64; 2],
    pub genuine_per_draw: u64,
    pub impostor_per_draw: u64,
    /// Whether these are enough for the bars FNMR 1e-2 and FMR 2e-3 (rule of three).
    pub fnmr_claimable: bool,
    pub fmr_claimable: bool,
    /// Comparisons of one draw against those that the bars need; empty when they are enough.
    pub says: String,
}

/// Runs the template protocol and counts each group at every operating point of the calibration; the same seed gives the same
/// report.
///
/// # Errors
/// The protocol is out of range, or nobody has enough pictures.
pub fn fairness(
    gallery: &Gallery,
    protocol: &Protocol,
    calibration: &Calibration,
) -> Result<FairnessReport, EvaluateError> {
    let compared = protocol.run(&gallery.people, &gallery.vectors)?;
    if compared.is_empty() {
        return Err(EvaluateError::TooFewPictures { needed: protocol.enrol + protocol.probe });
    }
    let world = World { gallery, compared: &compared, calibration };
    let missing = || decide::CalibrationError::Invalid("its default point is missing");
    let default = calibration.point(&calibration.default_point).ok_or_else(missing)?;
    let others = calibration.points.iter().filter(|p| p.name != default.name);
    let mut points: Vec<(&str, f32)> =
        std::iter::once(default).chain(others).map(|p| (p.name.as_str(), p.llr)).collect();
    points.extend(ANCHORS.map(|(name, rate)| (name, world.anchor(rate))));
    let (mut groups, mut ratios) = (Vec::new(), Vec::new());
    for (name, llr) in points {
        let tallies = world.tallies(llr);
        groups.extend(tallies.iter().map(|t| group_row(t, name, protocol.draws)));
        ratios.extend(ratio::rows(name, &known(&tallies), protocol.seed));
    }
    let small = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    let size = MatchSize { views: small(protocol.enrol), frames: small(protocol.probe) };
    Ok(FairnessReport {
        model: calibration.model.clone(),
        default_point: default.name.clone(),
        threshold: default.llr,
        threshold_cosine: calibration.score.cosine_at(default.llr, size),
        enrol: protocol.enrol,
        probe: protocol.probe,
        draws: protocol.draws,
        seed: protocol.seed,
        data_sha256: gallery.data_sha256(),
        groups,
        ratios,
    })
}

struct World<'g> {
    gallery: &'g Gallery,
    compared: &'g [Compared],
    calibration: &'g Calibration,
}

impl World<'_> {
    /// The threshold at which the groups' false match rates are `rate` in the mean, by bisection.
    fn anchor(&self, rate: f64) -> f32 {
        let (mut low, mut high) = (-50.0_f32, 50.0_f32);
        for _ in 0..40 {
            let middle = f32::midpoint(low, high);
            let tallies = self.tallies(middle);
            let rates: Vec<f64> = known(&tallies).iter().filter_map(|t| t.rate(tally::Rate::Fmr, |_| 1)).collect();
            #[expect(clippy::cast_precision_loss, reason = "a handful of groups")]
            let mean = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
            if mean > rate { low = middle } else { high = middle }
        }
        high
    }

    /// One tally a group at the threshold `least`, by name; the unknown ones last.
    fn tallies(&self, least: f32) -> Vec<Tally> {
        let people = &self.gallery.people;
        let group_of = |i: usize| people.get(i).map(|p| if p.group.is_empty() { UNKNOWN } else { p.group.as_str() });
        let mut names: Vec<&str> = self.compared.iter().filter_map(|c| group_of(c.template)).collect();
        names.sort_unstable_by_key(|n| (*n == UNKNOWN, *n));
        names.dedup();
        let tally = |name: &str| {
            let mut tally = Tally::new(name);
            for c in
                self.compared.iter().filter(|c| group_of(c.template) == Some(name) && group_of(c.probe) == Some(name))
            {
                let set = people.get(c.template).map_or("", |p| p.set.as_str());
                tally.add(c, set, llr(self.calibration, c) >= least);
            }
            tally
        };
        names.into_iter().map(tally).collect()
    }
}

/// The groups that can be set against each other.
fn known(tallies: &[Tally]) -> Vec<&Tally> {
    tallies.iter().filter(|t| t.group != UNKNOWN && t.people.len() >= LEAST_PEOPLE).collect()
}

fn group_row(tally: &Tally, point: &str, draws: u32) -> GroupRow {
    let c = tally.counts();
    let draws = u64::from(draws.max(1));
    let (genuine, impostor) = (c.genuine / draws, c.impostor / draws);
    // Rounded up, so that one error in ten draws still counts as one.
    let per_draw = |events: u64| events.div_ceil(draws);
    let claims = (claimable(FNMR_BAR, genuine), claimable(FMR_BAR, impostor));
    GroupRow {
        point: point.to_owned(),
        group: tally.group.clone(),
        people: tally.people.len(),
        sets: tally.sets.iter().cloned().collect(),
        genuine: c.genuine,
        false_non_matches: c.false_non_matches,
        impostor: c.impostor,
        false_matches: c.false_matches,
        fnmr: share(c.false_non_matches, c.genuine),
        fmr: share(c.false_matches, c.impostor),
        fnmr_95: exact_95(per_draw(c.false_non_matches), genuine),
        fmr_95: exact_95(per_draw(c.false_matches), impostor),
        genuine_per_draw: genuine,
        impostor_per_draw: impostor,
        fnmr_claimable: claims.0,
        fmr_claimable: claims.1,
        says: says(claims, genuine, impostor),
    }
}

fn says((fnmr, fmr): (bool, bool), genuine: u64, impostor: u64) -> String {
    let mut missing = Vec::new();
    if !fmr {
        missing.push(format!("{impostor} of {:.0} strangers", 3.0 / FMR_BAR));
    }
    if !fnmr {
        missing.push(format!("{genuine} of {:.0} genuine", 3.0 / FNMR_BAR));
    }
    if missing.is_empty() { String::new() } else { format!("too few: {}", missing.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_are_told_to_be_too_small() {
        assert_eq!(says((true, true), 300, 1_500), "");
        let text = says((false, false), 26, 130);
        assert!(text == "too few: 130 of 1500 strangers, 26 of 300 genuine", "{text}");
    }
}
