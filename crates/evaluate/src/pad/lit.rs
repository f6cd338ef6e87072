//! Screen colours: puppets before a screen that shows the drawn colours, and the same under another challenge's. There are no
//! recordings of people for it.

use std::sync::Arc;

use decide::{ChallengeKind, CheckName};
use face::{Analyzer, Models};
use liveness::{Challenge, Limits, Step};
use puppet::{Cast, Person, Species};

use super::PadOptions;
use super::clips::value;
use super::play::{Rules, Stage, play};
use super::pool::spread;
use crate::error::EvaluateError;

/// What the check read in each capture; `None`: no evidence.
#[derive(Default)]
pub(crate) struct Lit {
    pub(crate) own: Vec<Option<f32>>,
    pub(crate) other: Vec<Option<f32>>,
}

impl Lit {
    pub(crate) fn values(readings: &[Option<f32>]) -> Vec<f32> {
        readings.iter().copied().flatten().collect()
    }

    /// How many there are, and how many gave no evidence.
    pub(crate) fn counts(readings: &[Option<f32>]) -> [usize; 2] {
        [readings.len(), readings.iter().filter(|reading| reading.is_none()).count()]
    }
}

/// As many pairs as a species that is a variant of another has captures.
const fn pairs(options: &PadOptions<'_>) -> usize {
    options.per_species.div_ceil(3)
}

/// How many captures [`run`] plays.
pub(crate) fn captures(options: &PadOptions<'_>) -> usize {
    let wanted = options.only.is_empty() || options.only.contains(&Species::InjectedFrames);
    if wanted && options.part[0] == 0 { 2 * pairs(options) } else { 0 }
}

pub(crate) fn run(
    models: &Models,
    casts: &[Arc<Cast>],
    options: &PadOptions<'_>,
    progress: &mut dyn FnMut(),
) -> Result<Lit, EvaluateError> {
    let work = |analyzer: &mut Analyzer, i: usize| one(analyzer, casts, options, i);
    let readings = spread(models, options.threads, captures(options), work, progress)?;
    let (own, other) = readings.into_iter().partition::<Vec<_>, _>(|(other, _)| !other);
    let read = |side: Vec<(bool, Option<f32>)>| side.into_iter().map(|(_, reading)| reading).collect();
    Ok(Lit { own: read(own), other: read(other) })
}

/// Capture `i`: each second one under other colours than the drawn ones.
fn one(
    analyzer: &mut Analyzer,
    casts: &[Arc<Cast>],
    options: &PadOptions<'_>,
    i: usize,
) -> Result<(bool, Option<f32>), EvaluateError> {
    let (pair, other) = (i / 2, i % 2 == 1);
    let seed = options.seed.wrapping_mul(7_919).wrapping_add(pair as u64);
    let draw = |salt: u64| {
        let mut state = (seed ^ salt).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32
        }
    };
    let steps = Challenge::pinned(&[Step::Neutral]).map_err(|_| EvaluateError::Worker)?.with_colours();
    let challenge = steps.clone().tinted(&mut draw(0x01d));
    let lit = other.then(|| {
        // Another challenge's: any but this one's.
        let recorded = (0..64).map(|salt| steps.clone().tinted(&mut draw(0x0dd + salt)));
        recorded.filter_map(|c| c.tints().copied()).find(|tints| Some(tints) != challenge.tints())
    });
    let cast = casts.get(pair % casts.len().max(1)).cloned().ok_or(EvaluateError::NoPortrait)?;
    let mut stage = Stage { actor: Box::new(Person::new(cast, seed)), through_jpeg: true, lit: lit.flatten() };
    let rules =
        Rules { limits: Limits::default(), policy: options.policy, fps: 12.5, stop_early: false, identity: false };
    let played = play(analyzer, &mut stage, challenge, ChallengeKind::PinnedForTest, Vec::new(), rules)?;
    Ok((other, value(&played.evidence, CheckName::Colours)))
}
