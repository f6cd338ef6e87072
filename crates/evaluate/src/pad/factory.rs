//! Captures of every generated species: drawn challenges, acted or cut together, judged as a live capture would be.

use std::collections::HashSet;
use std::sync::Arc;

use decide::{ChallengeKind, CheckName, Reason, Verdict};
use face::{Analyzer, Models};
use liveness::{Abilities, Challenge, Limits, State, Step};
use puppet::{Cast, Cut, Editor, FaceSwap, Holder, IdentitySwap, Onset, Person, Pictures, Species, Tape};
use serde::{Deserialize, Serialize};

use super::PadOptions;
use super::clips::{Turn, value};
use super::keep::Keep;
use super::play::{Cutter, Played, Rules, Stage, from_jpeg, play};
use super::pool::spread;
use super::shot::Shot;
use crate::error::EvaluateError;

/// How long an attack's step may stay unanswered (ms): whoever answers at all has done so by then, and would repeat himself.
const PATIENCE_MS: f64 = 2_600.0;
/// Frames per second of every capture: a slow camera, well above the least rate.
const FPS: f64 = 12.5;
/// Tapes kept of each person.
const TAPES_EACH: usize = 8;
/// JPEG quality of a tape that was copied.
const COPY_QUALITY: u8 = 60;

/// What is kept of one capture.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Outcome {
    #[serde(with = "by_name")]
    pub(crate) species: Species,
    /// Its number among its species.
    pub(crate) number: usize,
    /// Place of the portrait.
    pub(crate) person: usize,
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) turn: Turn,
    pub(crate) smile: Option<f32>,
    pub(crate) seconds: f64,
    pub(crate) finished: bool,
    pub(crate) asked: Vec<Step>,
    pub(crate) readings: Vec<(CheckName, f32)>,
    pub(crate) check_ms: Vec<f32>,
}

impl Outcome {
    fn of(species: Species, number: usize, person: usize, played: &Played) -> Self {
        let checks = played.evidence.checks.iter();
        Self {
            species,
            number,
            person,
            verdict: played.verdict,
            reasons: played.reasons.clone(),
            turn: Turn {
                pose: value(&played.evidence, CheckName::PoseAnswer),
                plane: value(&played.evidence, CheckName::Depth),
            },
            smile: value(&played.evidence, CheckName::SmileOnset),
            seconds: played.seconds,
            finished: played.state == State::Finished,
            asked: played.asked.clone(),
            readings: checks.filter_map(|c| Some((c.name, value(&played.evidence, c.name)?))).collect(),
            check_ms: played.check_ms.clone(),
        }
    }
}

/// An earlier capture.
struct Earlier {
    person: usize,
    steps: Vec<Step>,
    fingerprints: Vec<u64>,
    original: Tape<Arc<Shot>>,
    /// As an attacker has it: compressed again.
    copy: Tape<Arc<Shot>>,
}

/// The captures of all species.
pub(crate) fn run(
    models: &Models,
    casts: &[Arc<Cast>],
    options: &PadOptions<'_>,
    progress: &mut dyn FnMut(),
) -> Result<Vec<Outcome>, EvaluateError> {
    let factory = Factory { casts, options };
    let people = casts.len().max(1);
    let lives = factory.count(Species::InjectedFrames);
    let tapes_wanted = (people * TAPES_EACH).min(lives);
    let mut tapes = Vec::new();
    let (keep, mut outcomes) = Keep::open(options.captures)?;
    outcomes.retain(|o| o.number < factory.count(o.species));
    let known: HashSet<(&str, usize)> = outcomes.iter().map(|o| (o.species.name(), o.number)).collect();
    let [part, parts] = options.part;
    let due = |species: Species, i: usize| i % parts.max(1) == part && !known.contains(&(species.name(), i));
    // Cuts are made of tapes: while one is due, the captures that tapes come from are played, again if need be.
    let cuts_due = Species::ALL
        .into_iter()
        .any(|species| matches!(species, Species::Cut(_)) && (0..factory.count(species)).any(|i| due(species, i)));
    let tape_of = |i: usize| cuts_due && i < tapes_wanted;
    let played: Vec<usize> = (0..lives).filter(|&i| due(Species::InjectedFrames, i) || tape_of(i)).collect();
    let act = |analyzer: &mut Analyzer, place: usize| {
        let i = played.get(place).copied().unwrap_or_default();
        let (outcome, tape) = factory.live(analyzer, i, tape_of(i))?;
        let new = due(Species::InjectedFrames, i);
        if new {
            keep.add(&outcome)?;
        }
        Ok((new.then_some(outcome), tape))
    };
    for (outcome, tape) in spread(models, options.threads, played.len(), act, progress)? {
        outcomes.extend(outcome);
        tapes.extend(tape);
    }
    let others: Vec<(Species, usize)> = Species::ALL
        .into_iter()
        .filter(|species| *species != Species::InjectedFrames)
        .flat_map(|species| (0..factory.count(species)).map(move |i| (species, i)))
        .filter(|&(species, i)| due(species, i))
        .collect();
    let work = |analyzer: &mut Analyzer, index: usize| {
        let Some(&(species, i)) = others.get(index) else { return Ok(None) };
        let made = factory.attack(analyzer, species, i, &tapes)?;
        made.iter().try_for_each(|outcome| keep.add(outcome))?;
        Ok(made)
    };
    outcomes.extend(spread(models, options.threads, others.len(), work, progress)?.into_iter().flatten());
    Ok(outcomes)
}

/// A species as its name.
mod by_name {
    use puppet::Species;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(species: &Species, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(species.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Species, D::Error> {
        let name = String::deserialize(from)?;
        let found = Species::ALL.into_iter().find(|species| species.name() == name);
        found.ok_or_else(|| serde::de::Error::custom("no such species"))
    }
}

/// How many captures [`run`] makes.
pub(crate) fn captures(options: &PadOptions<'_>) -> usize {
    let factory = Factory { casts: &[], options };
    Species::ALL.into_iter().map(|species| factory.count(species)).sum()
}

struct Factory<'a> {
    casts: &'a [Arc<Cast>],
    options: &'a PadOptions<'a>,
}

impl Factory<'_> {
    /// Species that a camera cannot refuse are long captures and need no tight interval, and two more are variants of others:
    /// a third of them.
    fn count(&self, species: Species) -> usize {
        let wanted = self.options.only.is_empty() || self.options.only.contains(&species);
        // Tapes are needed whatever is wanted.
        let tapes =
            species == Species::InjectedFrames && self.options.only.iter().any(|s| matches!(s, Species::Cut(_)));
        let each = if wanted || tapes { self.options.per_species } else { 0 };
        if species.is_gap() || species.is_variant() { each.div_ceil(3) } else { each }
    }

    fn seed(&self, species: Species, i: usize) -> u64 {
        let place = Species::ALL.iter().position(|s| *s == species).unwrap_or(0) as u64;
        self.options.seed.wrapping_mul(1_000_003).wrapping_add(place << 20).wrapping_add(i as u64)
    }

    fn cast(&self, person: usize) -> Result<Arc<Cast>, EvaluateError> {
        self.casts.get(person % self.casts.len().max(1)).cloned().ok_or(EvaluateError::NoPortrait)
    }

    fn rules(&self, step_ms: f64) -> Rules<'_> {
        let limits = Limits { step_ms, ..Limits::default() };
        Rules { limits, policy: self.options.policy, fps: FPS, stop_early: true, identity: true }
    }

    /// A puppet's capture, which is also what tapes are made of. Every second one is as perfect as a virtual camera's.
    fn live(&self, analyzer: &mut Analyzer, i: usize, keep: bool) -> Result<(Outcome, Option<Earlier>), EvaluateError> {
        let species = Species::InjectedFrames;
        let (seed, person) = (self.seed(species, i), i % self.casts.len().max(1));
        let mut actor = Person::new(self.cast(person)?, seed);
        if i / self.casts.len().max(1) % 2 == 1 {
            actor = actor.perfect();
        }
        let challenge = draw(seed);
        let mut stage = Stage { actor: Box::new(actor), through_jpeg: true, lit: None };
        let rules = Rules { stop_early: false, ..self.rules(Limits::default().step_ms) };
        let played = play(analyzer, &mut stage, challenge.clone(), ChallengeKind::Drawn, Vec::new(), rules)?;
        let outcome = Outcome::of(species, i, person, &played);
        let tape = match keep && played.state == State::Finished {
            true => Some(Earlier {
                person,
                steps: challenge.steps().to_vec(),
                fingerprints: played.fingerprints,
                copy: copy(&played.tape, analyzer)?,
                original: played.tape,
            }),
            false => None,
        };
        Ok((outcome, tape))
    }

    fn attack(
        &self,
        analyzer: &mut Analyzer,
        species: Species,
        i: usize,
        tapes: &[Earlier],
    ) -> Result<Option<Outcome>, EvaluateError> {
        let (seed, person) = (self.seed(species, i), i % self.casts.len().max(1));
        let mut challenge = draw(seed);
        let answers = matches!(species, Species::FaceSwap | Species::HardCut | Species::IdentitySwap);
        let rules = self.rules(if answers { Limits::default().step_ms } else { PATIENCE_MS });
        let kind = ChallengeKind::Drawn;
        let (person, played) = match species {
            Species::Still(medium, moving) => {
                let pictures = Arc::new(Pictures::new(&*self.cast(person)?, medium, moving, seed));
                let mut show = |identity| {
                    let actor = Box::new(Holder::new(Arc::clone(&pictures), medium, seed));
                    let mut stage = Stage { actor, through_jpeg: false, lit: None };
                    play(analyzer, &mut stage, challenge.clone(), kind, Vec::new(), Rules { identity, ..rules })
                };
                let seen = show(false)?;
                // Only what all other checks would take needs the dear ones.
                (person, if seen.verdict == Verdict::Live { show(true)? } else { seen })
            }
            Species::FaceSwap | Species::InjectedFrames => {
                let payer = Person::new(self.cast(person)?, seed);
                let attacker = Person::new(self.cast(person + 1)?, seed);
                let actor = Box::new(FaceSwap::new(payer, attacker, 0.9));
                let mut stage = Stage { actor, through_jpeg: false, lit: None };
                (person, play(analyzer, &mut stage, challenge.clone(), kind, Vec::new(), rules)?)
            }
            Species::HardCut => {
                let actor = Box::new(Person::with_onset(self.cast(person)?, seed, Onset::HardCut));
                let mut stage = Stage { actor, through_jpeg: false, lit: None };
                (person, play(analyzer, &mut stage, challenge.clone(), kind, Vec::new(), rules)?)
            }
            Species::IdentitySwap => {
                let payer = Person::new(self.cast(person)?, seed);
                let attacker = Person::new(self.cast(person + 1 + i / self.casts.len().max(1) % 2)?, seed);
                let mut stage =
                    Stage { actor: Box::new(IdentitySwap::new(payer, attacker)), through_jpeg: false, lit: None };
                (person, play(analyzer, &mut stage, challenge.clone(), kind, Vec::new(), rules)?)
            }
            Species::Cut(cut) => {
                let Some((first, second)) = pair(tapes, i) else { return Ok(None) };
                // Another challenge than the one that was recorded.
                let mut again = seed;
                while challenge.steps() == first.steps.as_slice() {
                    again = again.wrapping_add(0x5eed);
                    challenge = draw(again);
                }
                let known = match cut {
                    // One replay in three was recorded elsewhere: the server has not seen it.
                    Cut::Replay => i % 3 != 2,
                    Cut::Reordered | Cut::Spliced => true,
                };
                let earlier = if known { first.fingerprints.clone() } else { Vec::new() };
                let mut cutter = Cutter(Editor::new(cut, &first.copy, &second.original, seed));
                (first.person, play(analyzer, &mut cutter, challenge.clone(), kind, earlier, rules)?)
            }
        };
        Ok(Some(Outcome::of(species, i, person, &played)))
    }
}

/// Two tapes of one person. `None` when there are none.
fn pair(tapes: &[Earlier], i: usize) -> Option<(&Earlier, &Earlier)> {
    let first = tapes.get(i % tapes.len().max(1))?;
    let same = |other: &&Earlier| other.person == first.person && !std::ptr::eq(*other, first);
    let others: Vec<&Earlier> = tapes.iter().filter(same).collect();
    let second = others.get(i / tapes.len().max(1) % others.len().max(1)).copied();
    Some((first, second.unwrap_or(first)))
}

/// Compressed again, as whoever copies a video does.
fn copy(tape: &Tape<Arc<Shot>>, analyzer: &mut Analyzer) -> Result<Tape<Arc<Shot>>, EvaluateError> {
    let mut frames = Vec::new();
    for (at, shot) in &tape.frames {
        let again = shot.jpeg().map(|jpeg| puppet::recompress(jpeg, COPY_QUALITY)).transpose()?;
        let again = again.map(|jpeg| from_jpeg(jpeg, analyzer)).transpose()?.flatten();
        frames.push((*at, again.map_or_else(|| Arc::clone(shot), Arc::new)));
    }
    Ok(Tape { frames, asked: tape.asked.clone() })
}

/// The challenge of this seed.
fn draw(seed: u64) -> Challenge {
    let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
    Challenge::draw(Abilities::default(), &mut || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    })
}
