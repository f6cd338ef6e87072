//! What controlled ageing does to templates: how far a person's own later pictures move one, and what a stranger would gain
//! whose pictures were added instead, as far as the bound lets them.

use decide::renewal::{ageing_rule, ages_by_itself};
use decide::{Calibration, Cosine, FaceMatch, MatchSize};
use face::{Embedding, Template};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::error::EvaluateError;
use crate::gallery::Gallery;
use crate::interval::exact_95;

/// Pictures of a template and of a probe, as in a payment.
const VIEWS: usize = 5;
const FRAMES: usize = 3;
/// Additions that are tried: more than a month of one a day.
const STEPS: usize = 40;

/// Bounds that are tried, loosest first.
const BOUNDS: [f32; 6] = [0.90, 0.92, 0.94, 0.96, 0.98, 0.99];

/// What a bound does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgeingBound {
    pub anchor_from: f32,
    /// Cosine to the person's own last pictures, which were not added: gained by the additions, median of all people.
    pub own_gain: f32,
    /// People whose own pictures met the bound.
    pub own_stopped: usize,
    /// Strangers accepted after their own pictures were added as far as it lets them.
    pub accepted: u64,
    pub owners_refused: u64,
}

/// What [`ageing`] found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgeingReport {
    /// Share and bound of the rule (`decide::renewal`).
    pub share: f32,
    pub anchor_from: f32,
    pub steps: usize,
    pub seed: u64,
    /// People with pictures enough.
    pub people: usize,
    /// Cosine to the enrolled vector after one addition, least of all people.
    pub one_step_least: f32,
    /// Cosine to the enrolled vector after all additions of the person's own probes: least, 5th percentile and median.
    pub own_least: f32,
    pub own_5: f32,
    pub own_median: f32,
    /// People whose own pictures met the bound.
    pub own_stopped: usize,
    /// Strangers: the most alike other person of each person's set.
    pub strangers: usize,
    /// Of these, how many the point of a payment would accept before and after their own pictures were added.
    pub accepted_before: u64,
    pub accepted_after: u64,
    pub accepted_after_95: [f64; 2],
    /// As `accepted_after`, had there been no bound.
    pub accepted_without_bound: u64,
    /// People refused by their own template after a stranger's pictures were added as far as the bound lets them.
    pub owners_refused: u64,
    /// Strangers of whom a payment would have let in at least one addition: by the face alone (the rule's own point), and behind
    /// a second factor of the owner's (a payment's point).
    pub strangers_let_in: u64,
    pub strangers_let_in_with_factor: u64,
    /// The same with other bounds.
    pub bounds: Vec<AgeingBound>,
}

struct Sitter<'g> {
    set: &'g str,
    template: Vec<f32>,
    /// One for each disjoint group of pictures; the last one is never added.
    probes: Vec<Vec<f32>>,
}

/// Adds probes to templates by the rule that payments use.
///
/// # Errors
/// Nobody has pictures enough.
pub fn ageing(gallery: &Gallery, calibration: &Calibration, seed: u64) -> Result<AgeingReport, EvaluateError> {
    let sitters = sitters(gallery, seed)?;
    if sitters.is_empty() {
        return Err(EvaluateError::TooFewPictures { needed: VIEWS + 2 * FRAMES });
    }
    let (share, anchor_from) = ageing_rule();
    let same = |a: &[f32], b: &[f32]| accepts(calibration, dot(a, b));
    let (mut own, mut one_step) = (Vec::new(), f32::INFINITY);
    let (mut before, mut after, mut unbound, mut refused, mut strangers) = (0, 0, 0, 0, 0);
    let (mut let_in, mut let_in_with_factor) = (0, 0);
    for (i, sitter) in sitters.iter().enumerate() {
        one_step = one_step.min(dot(&sitter.template, &moved(&sitter.template, first(sitter), share)));
        let aged = add(sitter, &sitter.probes, share, anchor_from);
        own.push(dot(&sitter.template, &aged));
        let Some(other) = most_alike(&sitters, i) else { continue };
        let (Some(kept), Some(owns)) = (other.probes.last(), sitter.probes.last()) else { continue };
        strangers += 1;
        before += u64::from(same(&sitter.template, kept));
        let taken = add(sitter, &other.probes, share, anchor_from);
        after += u64::from(same(&taken, kept));
        unbound += u64::from(same(&add(sitter, &other.probes, share, UNBOUND), kept));
        refused += u64::from(!same(&taken, owns));
        let shown = || other.probes.iter().map(|p| matched(dot(&sitter.template, p)));
        let strong = |m: Option<FaceMatch>| m.is_some_and(|m| ages_by_itself(calibration, m));
        let_in += u64::from(shown().any(strong));
        let_in_with_factor += u64::from(other.probes.iter().any(|p| same(&sitter.template, p)));
    }
    let bounds = BOUNDS.iter().map(|bound| with_bound(&sitters, calibration, share, *bound)).collect();
    own.sort_by(f32::total_cmp);
    let at = |part: usize| own.get(own.len() * part / 100).copied().unwrap_or(f32::NAN);
    Ok(AgeingReport {
        share,
        anchor_from,
        steps: STEPS,
        seed,
        people: sitters.len(),
        one_step_least: one_step,
        own_least: at(0),
        own_5: at(5),
        own_median: at(50),
        own_stopped: own.iter().filter(|c| **c < anchor_from + 0.005).count(),
        strangers,
        accepted_before: before,
        accepted_after: after,
        accepted_after_95: exact_95(after, strangers as u64),
        accepted_without_bound: unbound,
        owners_refused: refused,
        strangers_let_in: let_in,
        strangers_let_in_with_factor: let_in_with_factor,
        bounds,
    })
}

fn with_bound(sitters: &[Sitter<'_>], calibration: &Calibration, share: f32, bound: f32) -> AgeingBound {
    let same = |a: &[f32], b: &[f32]| accepts(calibration, dot(a, b));
    let (mut gains, mut own_stopped, mut accepted, mut owners_refused) = (Vec::new(), 0, 0, 0);
    for (i, sitter) in sitters.iter().enumerate() {
        let aged = add(sitter, &sitter.probes, share, bound);
        own_stopped += usize::from(dot(&sitter.template, &aged) < bound + 0.005);
        let Some(owns) = sitter.probes.last() else { continue };
        gains.push(dot(&aged, owns) - dot(&sitter.template, owns));
        let Some(other) = most_alike(sitters, i) else { continue };
        let Some(kept) = other.probes.last() else { continue };
        let taken = add(sitter, &other.probes, share, bound);
        accepted += u64::from(same(&taken, kept));
        owners_refused += u64::from(!same(&taken, owns));
    }
    gains.sort_by(f32::total_cmp);
    let own_gain = gains.get(gains.len() / 2).copied().unwrap_or(f32::NAN);
    AgeingBound { anchor_from: bound, own_gain, own_stopped, accepted, owners_refused }
}

fn sitters(gallery: &Gallery, seed: u64) -> Result<Vec<Sitter<'_>>, EvaluateError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut all = Vec::new();
    for person in gallery.people() {
        let seen = |i: &usize| gallery.vectors.get(*i)?.as_ref().map(|e| (&e.embedding, e.weight));
        let mut views: Vec<(&Embedding, f32)> = person.pictures.iter().filter_map(seen).collect();
        if views.len() < VIEWS + 2 * FRAMES {
            continue;
        }
        views.shuffle(&mut rng);
        let (enrolled, later) = views.split_at(VIEWS);
        let joined = |part: &[(&Embedding, f32)]| Template::from_view_refs(part).map(|t| t.expose_values().to_vec());
        let probes = later.chunks_exact(FRAMES).map(joined).collect::<Result<_, _>>()?;
        all.push(Sitter { set: &person.set, template: joined(enrolled)?, probes });
    }
    Ok(all)
}

fn first<'s>(sitter: &'s Sitter<'_>) -> &'s [f32] {
    sitter.probes.first().map_or(&[], Vec::as_slice)
}

/// The other person of the same set whose probe is most like this template.
fn most_alike<'s, 'g>(sitters: &'s [Sitter<'g>], one: usize) -> Option<&'s Sitter<'g>> {
    let sitter = sitters.get(one)?;
    let others = sitters.iter().enumerate().filter(|(i, o)| *i != one && o.set == sitter.set).map(|(_, o)| o);
    others.max_by(|a, b| dot(&sitter.template, first(a)).total_cmp(&dot(&sitter.template, first(b))))
}

/// Below every cosine.
const UNBOUND: f32 = -2.0;

/// The template after all additions of these probes but the last, in turns, never less like the enrolled one than `bound`.
fn add(sitter: &Sitter<'_>, probes: &[Vec<f32>], share: f32, bound: f32) -> Vec<f32> {
    let used = probes.get(..probes.len().saturating_sub(1)).unwrap_or_default();
    let mut template = sitter.template.clone();
    for probe in used.iter().cycle().take(if used.is_empty() { 0 } else { STEPS }) {
        let next = moved(&template, probe, share);
        if dot(&sitter.template, &next) >= bound {
            template = next;
        }
    }
    template
}

fn moved(template: &[f32], probe: &[f32], share: f32) -> Vec<f32> {
    let sum: Vec<f32> = template.iter().zip(probe).map(|(t, p)| (1.0 - share) * t + share * p).collect();
    let length = dot(&sum, &sum).sqrt().max(f32::MIN_POSITIVE);
    sum.iter().map(|v| v / length).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn matched(cosine: f32) -> Option<FaceMatch> {
    let size = MatchSize { views: VIEWS as u8, frames: FRAMES as u8 };
    Cosine::new(cosine).map(|score| FaceMatch { score, size })
}

fn accepts(calibration: &Calibration, cosine: f32) -> bool {
    matched(cosine).is_some_and(|m| calibration.llr(m).get() >= calibration.default_llr())
}
