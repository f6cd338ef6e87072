//! Two recognisers, or two calibrations, on the same comparisons: who is wrong where the other is right.

mod paired;

use decide::{Calibration, Cosine, FaceMatch, MatchSize};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

pub use paired::ErrorRow;

use crate::error::EvaluateError;
use crate::gallery::Gallery;
use crate::limits::RESAMPLES;
use crate::metrics::Scores;
use crate::protocol::{Protocol, llr, sets};
use paired::{Paired, Side};

/// Resamples of an EER, which costs a sort each.
const EER_RESAMPLES: usize = RESAMPLES / 5;
/// The row over all sets.
pub(crate) const ALL: &str = "*";

/// One of the two.
pub struct Contestant<'g> {
    pub name: String,
    pub gallery: &'g Gallery,
    pub calibration: &'g Calibration,
    /// Operating point by name.
    pub point: String,
}

impl Contestant<'_> {
    fn threshold(&self) -> Result<f32, EvaluateError> {
        let missing = || decide::CalibrationError::Invalid("it has no operating point of that name");
        Ok(self.calibration.point(&self.point).ok_or_else(missing)?.llr)
    }
}

/// What `evaluate compare` found: A against B. Field names are a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CompareReport {
    pub a: String,
    pub b: String,
    pub enrol: usize,
    pub probe: usize,
    pub draws: u32,
    pub seed: u64,
    /// Pictures left out because only one of the two found a face.
    pub only_one_saw: usize,
    /// Errors of the template protocol, per set and `*`, FNMR and FMR.
    pub templates: Vec<ErrorRow>,
    /// Equal error rates of the pairs, which need no threshold.
    pub eer: Vec<EerRow>,
}

/// Equal error rates of one set of pairs, 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EerRow {
    pub set: String,
    pub pairs: usize,
    pub a: f64,
    pub b: f64,
    /// B − A, with its 95 % interval over pairs drawn again.
    pub difference: f64,
    pub difference_95: [f64; 2],
}

/// Compares A with B on the pictures in which both see a face.
///
/// # Errors
/// Other lists, an unknown operating point, the protocol is out of range, or nobody has enough pictures.
pub fn compare(a: &Contestant<'_>, b: &Contestant<'_>, protocol: &Protocol) -> Result<CompareReport, EvaluateError> {
    if a.gallery.list.images != b.gallery.list.images {
        return Err(EvaluateError::OtherLists);
    }
    let (mut va, mut vb, mut only_one_saw) = (Vec::new(), Vec::new(), 0);
    for (x, y) in a.gallery.vectors.iter().zip(&b.gallery.vectors) {
        only_one_saw += usize::from(x.is_some() != y.is_some());
        let both = x.as_ref().zip(y.as_ref());
        va.push(both.map(|v| v.0));
        vb.push(both.map(|v| v.1));
    }
    let people = &a.gallery.people;
    let (ca, cb) = (protocol.run_refs(people, &va)?, protocol.run_refs(people, &vb)?);
    if ca.is_empty() {
        return Err(EvaluateError::TooFewPictures { needed: protocol.enrol + protocol.probe });
    }
    let (ta, tb) = (a.threshold()?, b.threshold()?);
    let mut paired = Paired::default();
    for (x, y) in ca.iter().zip(&cb) {
        let set = people.get(x.template).map_or("", |p| p.set.as_str());
        let wrong = |accepted: bool| accepted != x.same();
        let errors = (wrong(llr(a.calibration, x) >= ta), wrong(llr(b.calibration, y) >= tb));
        paired.add(set, x, errors);
    }
    let names: Vec<Option<&str>> = sets(people).into_iter().map(Some).chain([None]).collect();
    let row = |set: &Option<&str>| [Side::Genuine, Side::Impostor].map(|side| paired.row(*set, side, protocol.seed));
    let templates: Vec<ErrorRow> = names.iter().flat_map(row).flatten().collect();
    Ok(CompareReport {
        a: a.name.clone(),
        b: b.name.clone(),
        enrol: protocol.enrol,
        probe: protocol.probe,
        draws: protocol.draws,
        seed: protocol.seed,
        only_one_saw,
        templates,
        eer: eer_rows(a, b, protocol.seed),
    })
}

/// Same or not, and both scores, as log-likelihood ratios at size 1×1.
type Scored = (bool, f32, f32);

fn eer_rows(a: &Contestant<'_>, b: &Contestant<'_>, seed: u64) -> Vec<EerRow> {
    let mut by_set = std::collections::BTreeMap::<&str, Vec<Scored>>::new();
    for pair in &a.gallery.list.pairs {
        let of = |c: &Contestant<'_>| {
            let get = |i: usize| c.gallery.vectors.get(i).and_then(Option::as_ref);
            let score = Cosine::new(get(pair.a)?.embedding.cosine(&get(pair.b)?.embedding).value())?;
            let size = MatchSize { views: 1, frames: 1 };
            Some(c.calibration.llr(FaceMatch { score, size }).get())
        };
        if let (Some(x), Some(y)) = (of(a), of(b)) {
            by_set.entry(&pair.set).or_default().push((pair.same, x, y));
        }
    }
    by_set.into_iter().filter_map(|(set, scored)| eer_row(set, &scored, seed)).collect()
}

fn eer_row(set: &str, scored: &[Scored], seed: u64) -> Option<EerRow> {
    let (a, b) = eers(scored.iter().copied())?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut differences: Vec<f64> = (0..EER_RESAMPLES)
        .filter_map(|_| {
            let again = (0..scored.len()).filter_map(|_| scored.get(rng.random_range(0..scored.len())).copied());
            eers(again).map(|(a, b)| b - a)
        })
        .collect();
    let difference_95 = paired::middle_95(&mut differences)?;
    Some(EerRow { set: set.to_owned(), pairs: scored.len(), a, b, difference: b - a, difference_95 })
}

fn eers(scored: impl Iterator<Item = Scored>) -> Option<(f64, f64)> {
    let (mut a, mut b) = (Scores::default(), Scores::default());
    for (same, x, y) in scored {
        a.push(same, x);
        b.push(same, y);
    }
    Some((a.finish().eer()?, b.finish().eer()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_two_that_agree_is_nothing() {
        let scored: Vec<Scored> = (0..60_u8).map(|i| (i % 2 == 0, f32::from(i), f32::from(i))).collect();
        let row = eer_row("s", &scored, 1).unwrap();
        assert!(row.difference.abs() < 1e-12 && row.difference_95.iter().all(|d| d.abs() < 1e-12));
        // B orders them perfectly, A not at all.
        let scored: Vec<Scored> = (0..60_u8).map(|i| (i % 2 == 0, f32::from(i), f32::from(i % 2 == 0))).collect();
        let row = eer_row("s", &scored, 1).unwrap();
        assert!(row.a > 0.3 && row.b < 1e-9 && row.difference_95[1] < 0.0, "{row:?}");
    }
}
