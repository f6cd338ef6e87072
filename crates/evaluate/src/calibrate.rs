//! Makes a calibration: fitted on one half of the people, checked on the other.

use std::collections::BTreeMap;

use decide::calibration::Provenance;
use decide::{Calibration, MatchSize, OperatingPoint, ScoreModel};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::error::EvaluateError;
use crate::fit;
use crate::gallery::Gallery;
use crate::interval::{claimable, exact_95};
use crate::people::Person;
use crate::protocol::{Compared, Protocol, llr, sets};
use crate::templates::{Counts, count};

/// Sizes (views, frames) whose scores shape the model of sizes.
const SIZES: [(usize, usize); 6] = [(1, 1), (2, 2), (3, 1), (3, 3), (5, 1), (5, 3)];
/// Bars that the default point stands between: FMR in the worst set and over all, FNMR in the worst set.
const SET_FMR: f64 = 2e-3;
const ALL_FMR: f64 = 1e-4;
const SET_FNMR: f64 = 1e-2;
/// Names and rates of the points set by the worst set's false match rate.
const RATES: [(&str, f64); 6] = [
    ("fmr_1e-1", 1e-1),
    ("fmr_1e-2", 1e-2),
    ("fmr_1e-3", 1e-3),
    ("fmr_1e-4", 1e-4),
    ("fmr_1e-5", 1e-5),
    ("fmr_1e-6", 1e-6),
];
/// The point whose rate enough comparisons reach to see whether it is the same at every size.
const SIZE_POINT: &str = "fmr_1e-2";
/// The default point and the lower end of the grey zone.
const BALANCED: &str = "balanced";
const GREY: &str = "fmr_1e-1";

/// Which half of the people the fit sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    First,
    Second,
}

/// A calibration and how it did on the people it did not see.
#[derive(Clone, Debug, Serialize)]
pub struct Calibrated {
    pub calibration: Calibration,
    /// 5×3 at the default point, on the other half.
    pub checks: Vec<CheckRow>,
    /// Cllr of the log-likelihood ratios on the other half (bits; 0 perfect, 1 worthless), by size "views×frames".
    pub cllr: BTreeMap<String, f64>,
    /// What one threshold means at each size, on the other half.
    pub by_size: Vec<SizeRow>,
}

/// One size at the point [`SIZE_POINT`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SizeRow {
    /// "views×frames".
    pub size: String,
    pub point: &'static str,
    /// Cosine of the threshold at this size.
    pub cosine: f32,
    /// In the set that looks most alike.
    pub worst: CountsOut,
    /// Over all sets.
    pub all: CountsOut,
}

/// One set of the other half at one point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckRow {
    pub point: String,
    pub set: String,
    pub people: usize,
    #[serde(flatten)]
    pub counts: CountsOut,
    pub fnmr_95: [f64; 2],
    pub fmr_95: [f64; 2],
    /// Whether the comparisons of one draw are enough to claim the point's rate (rule of three).
    pub claimable: bool,
}

/// Counts as the report shows them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CountsOut {
    pub genuine: u64,
    pub fnmr: f64,
    pub impostor: u64,
    pub fmr: f64,
}

impl From<Counts> for CountsOut {
    fn from(c: Counts) -> Self {
        Self { genuine: c.genuine, fnmr: c.fnmr(), impostor: c.impostor, fmr: c.fmr() }
    }
}

/// Fits on one half of each set's people and checks on the other. `command` goes into the artefact.
///
/// # Errors
/// Too few people with enough pictures.
pub fn calibrate(
    gallery: &Gallery,
    model: &str,
    seed: u64,
    half: Half,
    command: &str,
) -> Result<Calibrated, EvaluateError> {
    let (first, second) = halves(&gallery.people, seed);
    let (fitted, checked) = if half == Half::First { (first, second) } else { (second, first) };
    let world = World { gallery, seed };
    let runs = world.runs(&fitted)?;
    let (score, worst_set) = score_model(&runs, &fitted)?;
    let standard = runs.last().map(|r| r.compared.as_slice()).unwrap_or_default();
    let made = Provenance {
        command: command.to_owned(),
        data_sha256: gallery.data_sha256(),
        people: u32::try_from(fitted.len()).unwrap_or(u32::MAX),
        sets: sets(&fitted).into_iter().map(str::to_owned).collect(),
        worst_set: worst_set.clone(),
    };
    let calibration = Calibration {
        format: 1,
        model: model.to_owned(),
        made,
        score,
        default_point: BALANCED.to_owned(),
        grey_point: GREY.to_owned(),
        points: points(&score, standard, &runs, &fitted, &worst_set)?,
    };
    judge(calibration, &world, &checked)
}

/// Checks a calibration that is there already on the half of the people that is not `fitted`, as [`calibrate`] checks its own.
///
/// # Errors
/// Too few people with enough pictures.
pub fn check_calibration(
    gallery: &Gallery,
    calibration: Calibration,
    seed: u64,
    fitted: Half,
) -> Result<Calibrated, EvaluateError> {
    let (first, second) = halves(&gallery.people, seed);
    let unseen = if fitted == Half::First { second } else { first };
    judge(calibration, &World { gallery, seed }, &unseen)
}

fn judge(mut calibration: Calibration, world: &World<'_>, unseen: &[Person]) -> Result<Calibrated, EvaluateError> {
    let runs = world.runs(unseen)?;
    let checks = check(&mut calibration, &runs, unseen);
    calibration.check()?;
    let cllr = runs.iter().filter_map(|r| Some((r.name(), cllr(&calibration, &r.compared)?))).collect();
    let by_size = runs.iter().filter_map(|run| size_row(&calibration, run, unseen)).collect();
    Ok(Calibrated { calibration, checks, cllr, by_size })
}

struct World<'g> {
    gallery: &'g Gallery,
    seed: u64,
}

/// All comparisons at one size.
struct Run {
    size: (usize, usize),
    compared: Vec<Compared>,
}

impl Run {
    fn name(&self) -> String {
        format!("{}×{}", self.size.0, self.size.1)
    }
}

impl World<'_> {
    fn runs(&self, people: &[Person]) -> Result<Vec<Run>, EvaluateError> {
        let run = |size: (usize, usize)| {
            let protocol = Protocol { enrol: size.0, probe: size.1, draws: Protocol::STANDARD.draws, seed: self.seed };
            Ok(Run { size, compared: protocol.run(people, &self.gallery.vectors)? })
        };
        SIZES.into_iter().map(run).collect()
    }
}

/// Splits the people of each set with enough pictures for 5×3 by turns of a seeded shuffle, so that both halves hold every set.
fn halves(people: &[Person], seed: u64) -> (Vec<Person>, Vec<Person>) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for set in sets(people) {
        let mut members: Vec<&Person> = people.iter().filter(|p| p.set == set).collect();
        members.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        for (i, person) in members.into_iter().enumerate() {
            if i % 2 == 0 { first.push(person.clone()) } else { second.push(person.clone()) }
        }
    }
    (first, second)
}

/// ρ, β and σ of the set whose people look most alike, then the line through z.
fn score_model(runs: &[Run], people: &[Person]) -> Result<(ScoreModel, String), EvaluateError> {
    let shapes: Vec<(ScoreModel, String)> =
        sets(people).into_iter().filter_map(|set| Some((shape_of(runs, people, set)?, set.to_owned()))).collect();
    let alike = |m: &ScoreModel| m.resemblance;
    let worst = shapes.into_iter().max_by(|a, b| alike(&a.0).total_cmp(&alike(&b.0)));
    let (mut model, set) = worst.ok_or_else(|| too_few("no set has two people with eight pictures"))?;
    let mut samples = Vec::new();
    for run in runs {
        for same in [true, false] {
            for (n, zs) in by_set(run, people, same, &model) {
                samples.extend(zs.into_iter().map(|z| (z, same, 1.0 / n)));
            }
        }
    }
    let (offset, slope) =
        fit::logistic(&samples).ok_or_else(|| too_few("the scores of one and of two people do not overlap"))?;
    (model.offset, model.slope) = (narrow(offset), narrow(slope));
    Ok((model, set))
}

fn too_few(reason: &str) -> EvaluateError {
    EvaluateError::TooFewPeople { reason: reason.to_owned() }
}

#[expect(clippy::cast_possible_truncation, reason = "a fitted number needs no more than f32")]
const fn narrow(v: f64) -> f32 {
    v as f32
}

fn cosines(run: &Run, people: &[Person], set: &str, same: bool) -> Vec<f64> {
    let wanted = |c: &&Compared| c.same() == same && people.get(c.template).is_some_and(|p| p.set == set);
    run.compared.iter().filter(wanted).map(|c| f64::from(c.matched.score.get())).collect()
}

/// Mean and deviation.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = ratio_count(values.len())?;
    let mean = values.iter().sum::<f64>() / n;
    Some((mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()))
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
fn ratio_count(n: usize) -> Option<f64> {
    (n > 0).then_some(n as f64)
}

/// The size model of one set; `None` without comparisons of both kinds.
fn shape_of(runs: &[Run], people: &[Person], set: &str) -> Option<ScoreModel> {
    let single = runs.iter().find(|r| r.size == (1, 1))?;
    let (reliability, _) = moments(&cosines(single, people, set, true))?;
    let mut model = ScoreModel {
        reliability: narrow(reliability.clamp(0.05, 0.95)),
        resemblance: 0.01,
        spread: 0.1,
        offset: 0.0,
        slope: 1.0,
    };
    let mut shapes = Vec::new();
    for run in runs {
        let (mean, spread) = moments(&cosines(run, people, set, false))?;
        shapes.push((mean / f64::from(model.reliability_of(size_of(run))), spread));
    }
    let n = ratio_count(shapes.len())?;
    model.resemblance = narrow((shapes.iter().map(|s| s.0).sum::<f64>() / n).clamp(0.01, 0.95));
    model.spread = narrow((shapes.iter().map(|s| s.1).sum::<f64>() / n).clamp(0.01, 0.5));
    Some(model)
}

fn size_of(run: &Run) -> MatchSize {
    let small = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    MatchSize { views: small(run.size.0), frames: small(run.size.1) }
}

/// Per set: how many, and their z.
fn by_set(run: &Run, people: &[Person], same: bool, model: &ScoreModel) -> Vec<(f64, Vec<f64>)> {
    let of = |set: &str| {
        let zs: Vec<f64> = run
            .compared
            .iter()
            .filter(|c| c.same() == same && people.get(c.template).is_some_and(|p| p.set == set))
            .map(|c| f64::from(model.z(c.matched.score.get(), c.matched.size)))
            .collect();
        Some((ratio_count(zs.len())?, zs))
    };
    sets(people).into_iter().filter_map(of).collect()
}

fn sorted_llrs(
    score: &ScoreModel,
    compared: &[Compared],
    people: &[Person],
    set: Option<&str>,
    same: bool,
) -> Vec<f64> {
    let wanted =
        |c: &&Compared| c.same() == same && set.is_none_or(|s| people.get(c.template).is_some_and(|p| p.set == s));
    let mut llrs: Vec<f64> =
        compared.iter().filter(wanted).map(|c| f64::from(score.llr(c.matched.score.get(), c.matched.size))).collect();
    llrs.sort_by(f64::total_cmp);
    llrs
}

/// The balanced point, and one for each rate of the worst set; loosest first.
fn points(
    score: &ScoreModel,
    standard: &[Compared],
    runs: &[Run],
    people: &[Person],
    worst: &str,
) -> Result<Vec<OperatingPoint>, EvaluateError> {
    // z means the same at every size, so all sizes show the worst set's tail.
    let mut tail: Vec<f64> =
        runs.iter().flat_map(|r| sorted_llrs(score, &r.compared, people, Some(worst), false)).collect();
    tail.sort_by(f64::total_cmp);
    let mut points = Vec::new();
    for (name, rate) in RATES {
        let llr = fit::tail_quantile(&tail, rate).ok_or_else(|| too_few("the worst set has too few comparisons"))?;
        points.push(point(
            name,
            llr,
            format!(
                "FMR {name} in the set that looks most alike; beyond its data an exponential tail",
                name = &name[4..]
            ),
        ));
    }
    let (low, high) = window(score, standard, people)?;
    let aim = format!(
        "halfway between the lowest threshold with FMR ≤ {SET_FMR:e} in every set and ≤ {ALL_FMR:e} over all (llr {low:.2}) and the highest with FNMR ≤ {SET_FNMR:e} in every set (llr {high:.2}), 5×3"
    );
    points.push(point(BALANCED, f64::midpoint(low, high), aim));
    points.sort_by(|a, b| a.llr.total_cmp(&b.llr));
    Ok(points)
}

fn point(name: &str, llr: f64, aim: String) -> OperatingPoint {
    OperatingPoint {
        name: name.to_owned(),
        llr: narrow(llr),
        aim,
        impostor: 0,
        false_matches: 0,
        fmr_upper: 1.0,
        genuine: 0,
        false_non_matches: 0,
    }
}

/// The lowest threshold that keeps the FMR bars and the highest that keeps the FNMR bar, at 5×3.
fn window(score: &ScoreModel, compared: &[Compared], people: &[Person]) -> Result<(f64, f64), EvaluateError> {
    let none = || too_few("no comparisons at 5×3");
    let lowest = |set, rate: f64| {
        let llrs = sorted_llrs(score, compared, people, set, false);
        // One above the highest that must be refused.
        llrs.get(llrs.len().checked_sub(allowed(llrs.len(), rate) + 1)?).copied()
    };
    let highest = |set| {
        let llrs = sorted_llrs(score, compared, people, Some(set), true);
        llrs.get(allowed(llrs.len(), SET_FNMR)).copied()
    };
    let names = sets(people);
    let mut low = lowest(None, ALL_FMR).ok_or_else(none)?;
    let mut high = f64::INFINITY;
    for set in names {
        low = lowest(Some(set), SET_FMR).map_or(low, |l| l.max(low));
        high = highest(set).map_or(high, |h| h.min(high));
    }
    if high.is_finite() { Ok((low, high)) } else { Err(none()) }
}

/// How many of `n` may be wrong.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts below 2^52"
)]
fn allowed(n: usize, rate: f64) -> usize {
    (n as f64 * rate) as usize
}

/// Fills each point's counts over all sets of the other half, and gives the rows per set.
fn check(calibration: &mut Calibration, runs: &[Run], people: &[Person]) -> Vec<CheckRow> {
    let compared = runs.last().map(|r| r.compared.as_slice()).unwrap_or_default();
    let mut rows = Vec::new();
    let score = calibration.score;
    for point in &mut calibration.points {
        let accepted = |c: &Compared| score.llr(c.matched.score.get(), c.matched.size) >= point.llr;
        let all = count(people, compared, None, accepted);
        (point.impostor, point.false_matches) = (all.impostor, all.false_matches);
        (point.genuine, point.false_non_matches) = (all.genuine, all.false_non_matches);
        point.fmr_upper = exact_95(all.false_matches, all.impostor)[1];
        let rate = RATES.into_iter().find(|r| r.0 == point.name).map_or(ALL_FMR, |r| r.1);
        for set in sets(people).into_iter().map(Some).chain([None]) {
            let counts = count(people, compared, set, accepted);
            let per_draw = counts.impostor / u64::from(Protocol::STANDARD.draws);
            let target = if set.is_some() && point.name == BALANCED { SET_FMR } else { rate };
            rows.push(CheckRow {
                point: point.name.clone(),
                set: set.unwrap_or("*").to_owned(),
                people: people.iter().filter(|p| set.is_none_or(|s| p.set == s)).count(),
                counts: counts.into(),
                fnmr_95: exact_95(counts.false_non_matches, counts.genuine),
                fmr_95: exact_95(counts.false_matches, counts.impostor),
                claimable: claimable(target, per_draw),
            });
        }
    }
    rows.retain(|r| r.counts.impostor > 0);
    rows
}

fn size_row(calibration: &Calibration, run: &Run, people: &[Person]) -> Option<SizeRow> {
    let threshold = calibration.point(SIZE_POINT)?.llr;
    let accepted = |c: &Compared| llr(calibration, c) >= threshold;
    Some(SizeRow {
        size: run.name(),
        point: SIZE_POINT,
        cosine: calibration.score.cosine_at(threshold, size_of(run)),
        worst: count(people, &run.compared, Some(&calibration.made.worst_set), accepted).into(),
        all: count(people, &run.compared, None, accepted).into(),
    })
}

fn cllr(calibration: &Calibration, compared: &[Compared]) -> Option<f64> {
    let of = |same: bool| {
        compared.iter().filter(|c| c.same() == same).map(|c| f64::from(llr(calibration, c))).collect::<Vec<f64>>()
    };
    fit::cllr(&of(true), &of(false))
}
