//! The figures. Field names of [`PadReport`] are a contract; [`Details`] holds what stands behind them.

use std::collections::{BTreeMap, BTreeSet};

use decide::{CheckName, Verdict};
use puppet::{Medium, Species};
use serde::Serialize;

use super::clips::{Seen, Turn};
use super::factory::Outcome;
use super::figures::{auc, interval, rate};
use super::lit::Lit;
use super::stills::StillRow;

/// What `evaluate pad` found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PadReport {
    pub species: Vec<SpeciesRow>,
    pub bona_fide: Vec<BonaFideRow>,
    pub stills: Vec<StillRow>,
    pub checks: Vec<CheckRow>,
}

/// Attacks of one species. Rates are 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpeciesRow {
    pub name: String,
    /// `real` or `generated`.
    pub source: &'static str,
    /// A web camera cannot refuse it by design.
    pub gap: bool,
    pub n: usize,
    pub accepted: usize,
    pub no_evidence: usize,
    pub apcer: f64,
    pub ci95: [f64; 2],
}

/// Living people of one set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BonaFideRow {
    pub set: String,
    pub n: usize,
    /// Called an attack.
    pub rejected: usize,
    pub no_evidence: usize,
    pub bpcer: f64,
}

/// How well one check alone tells live from attack.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckRow {
    pub name: String,
    /// `null` when one side is empty.
    pub auc: Option<f64>,
    pub n_live: usize,
    pub n_attack: usize,
}

/// Per clip and per half, for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Details {
    pub clips: Vec<ClipRow>,
    /// The same figures over two halves of the people: `a` and `b`.
    pub halves: Vec<HalfRow>,
    pub smile: SmileFigure,
    /// Live clips that contain an asked movement, and how many of them gave no evidence.
    pub moved: [usize; 2],
    /// Live clips of which the list says that they contain a movement.
    pub listed_moved: usize,
    pub captures: Vec<CaptureRow>,
    /// Reasons by species, with counts.
    pub reasons: BTreeMap<String, BTreeMap<&'static str, usize>>,
    /// Medians of every reading by species.
    pub readings: BTreeMap<String, BTreeMap<&'static str, [f32; 3]>>,
    /// Time of all checks for a frame beside detection, with every network they ask for, ms: median and 95th percentile over
    /// `hard_cut`, `identity_swap` and `face_swap_realtime`.
    pub check_ms: [f32; 2],
    /// Length of the puppet's captures that were finished, s: median and longest.
    pub capture_s: [f64; 2],
    /// Captures under the drawn colours and under another challenge's, and how many of each gave no evidence.
    pub colours: [[usize; 2]; 2],
}

/// A generated capture's own line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaptureRow {
    pub species: &'static str,
    pub person: usize,
    pub asked: Vec<&'static str>,
    pub verdict: Verdict,
    pub reasons: Vec<&'static str>,
    pub seconds: f64,
}

/// A clip's own line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClipRow {
    pub clip: String,
    pub set: String,
    pub live: bool,
    pub content: String,
    pub asked: Vec<&'static str>,
    pub verdict: Verdict,
    pub reasons: Vec<&'static str>,
    pub silent: Vec<String>,
    pub pose: Option<f32>,
    pub plane: Option<f32>,
    pub onset: Option<f32>,
    pub frames: usize,
    pub readings: BTreeMap<&'static str, f32>,
}

/// One half of the people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HalfRow {
    pub half: &'static str,
    pub generated: usize,
    pub generated_accepted: usize,
    pub real_attacks: usize,
    pub real_accepted: usize,
    pub live: usize,
    pub live_rejected: usize,
    pub live_no_evidence: usize,
}

/// Onsets over whole clips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SmileFigure {
    /// By the list's happy_min and happy_max.
    pub listed: usize,
    pub listed_detected: usize,
    /// Of these, where the low score comes before a high one that lasts three frames.
    pub clips_with_a_rise: usize,
    pub detected: usize,
    pub clips_without: usize,
    pub taken_for_a_smile: usize,
    pub stills: usize,
    pub stills_taken_for_a_smile: usize,
}

/// Everything that was played.
pub(crate) struct Seens<'a> {
    pub(crate) clips: &'a [Seen],
    pub(crate) generated: &'a [Outcome],
    pub(crate) lit: &'a Lit,
    /// Smallest onset that counts as a smile.
    pub(crate) smile_from: f32,
}

pub(crate) fn build(all: &Seens<'_>, stills: Vec<StillRow>) -> (PadReport, Details) {
    let report = PadReport { species: species(all), bona_fide: bona_fide(all), stills, checks: checks(all) };
    let details = Details {
        clips: all.clips.iter().map(clip_row).collect(),
        halves: vec![half(all, "a", true), half(all, "b", false)],
        smile: smile(all),
        moved: moved(all),
        listed_moved: all.clips.iter().filter(|s| s.clip.live && s.listed).count(),
        captures: all.generated.iter().map(capture_row).collect(),
        reasons: reasons(all),
        readings: readings(all),
        check_ms: check_ms(all),
        capture_s: lengths(all),
        colours: [Lit::counts(&all.lit.own), Lit::counts(&all.lit.other)],
    };
    (report, details)
}

fn row(name: String, source: &'static str, gap: bool, verdicts: &[Verdict]) -> SpeciesRow {
    let of = |verdict| verdicts.iter().filter(|v| **v == verdict).count();
    let (n, accepted) = (verdicts.len(), of(Verdict::Live));
    let apcer = rate(accepted, n).unwrap_or(0.0);
    SpeciesRow {
        name,
        source,
        gap,
        n,
        accepted,
        no_evidence: of(Verdict::NoEvidence),
        apcer,
        ci95: interval(accepted, n),
    }
}

fn species(all: &Seens<'_>) -> Vec<SpeciesRow> {
    let mut rows: Vec<SpeciesRow> = Species::ALL
        .into_iter()
        .map(|species| {
            let verdicts: Vec<Verdict> =
                all.generated.iter().filter(|o| o.species == species).map(|o| o.verdict).collect();
            row(species.name().to_owned(), "generated", species.is_gap(), &verdicts)
        })
        .filter(|row| row.n > 0)
        .collect();
    let names: BTreeSet<String> = all.clips.iter().filter(|s| !s.clip.live).map(|s| s.clip.species()).collect();
    rows.extend(names.into_iter().map(|name| {
        let verdicts: Vec<Verdict> =
            all.clips.iter().filter(|s| !s.clip.live && s.clip.species() == name).map(|s| s.verdict).collect();
        let gap = name == "ai_generated_clip";
        row(name, "real", gap, &verdicts)
    }));
    rows
}

fn bona_fide(all: &Seens<'_>) -> Vec<BonaFideRow> {
    let sets: BTreeSet<&str> = all.clips.iter().filter(|s| s.clip.live).map(|s| s.clip.set.as_str()).collect();
    let of = |set: &str| {
        let verdicts: Vec<Verdict> =
            all.clips.iter().filter(|s| s.clip.live && s.clip.set == set).map(|s| s.verdict).collect();
        let count = |verdict| verdicts.iter().filter(|v| **v == verdict).count();
        let (n, rejected) = (verdicts.len(), count(Verdict::Attack));
        let bpcer = rate(rejected, n).unwrap_or(0.0);
        BonaFideRow { set: set.to_owned(), n, rejected, no_evidence: count(Verdict::NoEvidence), bpcer }
    };
    sets.into_iter().map(of).collect()
}

/// Flat pictures whose holder was asked to turn.
fn flat<'a>(all: &Seens<'a>) -> impl Iterator<Item = &'a Outcome> {
    all.generated.iter().filter(|o| matches!(o.species, Species::Still(..)))
}

fn checks(all: &Seens<'_>) -> Vec<CheckRow> {
    let check = |name: &str, live: Vec<f32>, attack: Vec<f32>| CheckRow {
        name: name.to_owned(),
        auc: auc(&live, &attack),
        n_live: live.len(),
        n_attack: attack.len(),
    };
    // Both sides: the movement happened, and the pose was read. A live clip whose corners were lost abstains, too.
    let turned = |turn: &Turn| turn.pose.is_some() && turn.plane.is_some();
    let live_turns = || all.clips.iter().filter(|s| s.clip.live).filter_map(|s| s.turn).filter(turned);
    let spoof_turns = all.clips.iter().filter(|s| !s.clip.live && s.clip.species() != "ai_generated_clip");
    let flat_turns: Vec<Turn> = flat(all)
        .map(|o| o.turn)
        .chain(spoof_turns.filter_map(|s| s.turn))
        .filter(|turn| turn.pose.is_some())
        .collect();
    let planes: Vec<f32> = flat_turns.iter().filter_map(|t| t.plane).map(|p| 1.0 - p).collect();
    let onset = |seen: &Seen| seen.onset.unwrap_or(0.0);
    let not_smiling = all.clips.iter().filter(|s| !s.smiles).map(onset);
    let cuts = all.generated.iter().filter(|o| is_onset_attack(o.species)).filter_map(|o| o.smile);
    let mut rows = vec![
        check("depth", live_turns().map(Turn::score).collect(), flat_turns.iter().map(|t| t.score()).collect()),
        check("depth_plane_alone", live_turns().filter_map(|t| t.plane).map(|p| 1.0 - p).collect(), planes),
        check(
            "pose_answer",
            live_turns().filter_map(|t| t.pose).collect(),
            flat_turns.iter().filter_map(|t| t.pose).collect(),
        ),
        check(
            "smile_onset",
            all.clips.iter().filter(|s| s.clip.live && s.smiles).map(onset).collect(),
            not_smiling.chain(cuts).collect(),
        ),
        check("colours", Lit::values(&all.lit.own), Lit::values(&all.lit.other)),
    ];
    // Each cue against what it looks for; high is live, as everywhere.
    rows.extend(CUES.into_iter().map(|(cue, seen_on)| {
        let read = |readings: &[(CheckName, f32)]| readings.iter().find(|(name, _)| *name == cue).map(|(_, v)| -v);
        let puppets = all.generated.iter().filter(|o| o.species == Species::InjectedFrames);
        let people = all.clips.iter().filter(|s| s.clip.live);
        let shown = all
            .generated
            .iter()
            .filter(|o| matches!(o.species, Species::Still(medium, _) if seen_on.contains(&medium)));
        check(
            cue.as_str(),
            puppets.filter_map(|o| read(&o.readings)).chain(people.filter_map(|s| read(&s.readings))).collect(),
            shown.filter_map(|o| read(&o.readings)).collect(),
        )
    }));
    rows
}

/// What each cue is to be seen on.
const CUES: [(CheckName, &[Medium]); 3] = [
    (CheckName::Moire, &[Medium::Phone, Medium::Tablet]),
    (CheckName::Bezel, &[Medium::Phone, Medium::Tablet]),
    (CheckName::Flicker, &[Medium::Phone, Medium::Tablet]),
];

/// Species whose smile is swapped in, not grown.
fn is_onset_attack(species: Species) -> bool {
    matches!(species, Species::Still(_, false) | Species::HardCut)
}

fn smile(all: &Seens<'_>) -> SmileFigure {
    let smiled = |value: Option<f32>| value.is_some_and(|v| v >= all.smile_from);
    let clips = || all.clips.iter().filter(|s| s.clip.live);
    let listed: Vec<&Seen> = clips().filter(|s| s.listed_smile).collect();
    let with: Vec<&Seen> = clips().filter(|s| s.smiles).collect();
    let without: Vec<&Seen> = all.clips.iter().filter(|s| !s.smiles).collect();
    let stills: Vec<&Outcome> =
        all.generated.iter().filter(|o| matches!(o.species, Species::Still(_, false))).collect();
    SmileFigure {
        listed: listed.len(),
        listed_detected: listed.iter().filter(|s| smiled(s.onset)).count(),
        clips_with_a_rise: with.len(),
        detected: with.iter().filter(|s| smiled(s.onset)).count(),
        clips_without: without.len(),
        taken_for_a_smile: without.iter().filter(|s| smiled(s.onset)).count(),
        stills: stills.len(),
        stills_taken_for_a_smile: stills.iter().filter(|o| smiled(o.smile)).count(),
    }
}

fn moved(all: &Seens<'_>) -> [usize; 2] {
    let moved: Vec<&Seen> = all.clips.iter().filter(|s| s.clip.live && !s.asked.is_empty()).collect();
    [moved.len(), moved.iter().filter(|s| s.verdict == Verdict::NoEvidence).count()]
}

/// People are split by a hash of who they are, so that nobody is in both halves.
fn in_first_half(person: &str) -> bool {
    person.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)) >> 40 & 1
        == 0
}

fn half(all: &Seens<'_>, name: &'static str, first: bool) -> HalfRow {
    let generated: Vec<&Outcome> =
        all.generated.iter().filter(|o| !o.species.is_gap() && (o.person % 2 == 0) == first).collect();
    let clips: Vec<&Seen> = all.clips.iter().filter(|s| in_first_half(s.clip.person()) == first).collect();
    let count =
        |live: bool, verdict: Verdict| clips.iter().filter(|s| s.clip.live == live && s.verdict == verdict).count();
    let total = |live: bool| clips.iter().filter(|s| s.clip.live == live).count();
    HalfRow {
        half: name,
        generated: generated.len(),
        generated_accepted: generated.iter().filter(|o| o.verdict == Verdict::Live).count(),
        real_attacks: total(false),
        real_accepted: count(false, Verdict::Live),
        live: total(true),
        live_rejected: count(true, Verdict::Attack),
        live_no_evidence: count(true, Verdict::NoEvidence),
    }
}

fn capture_row(outcome: &Outcome) -> CaptureRow {
    CaptureRow {
        species: outcome.species.name(),
        person: outcome.person,
        asked: outcome.asked.iter().map(|step| step.name()).collect(),
        verdict: outcome.verdict,
        reasons: outcome.reasons.iter().map(|r| r.as_str()).collect(),
        seconds: outcome.seconds,
    }
}

fn clip_row(seen: &Seen) -> ClipRow {
    ClipRow {
        clip: seen.clip.dir.clone(),
        set: seen.clip.set.clone(),
        live: seen.clip.live,
        content: seen.clip.content.clone(),
        asked: seen.asked.iter().map(|step| step.name()).collect(),
        verdict: seen.verdict,
        reasons: seen.reasons.iter().map(|r| r.as_str()).collect(),
        silent: seen.silent.iter().map(|(check, why)| format!("{}: {why:?}", check.as_str())).collect(),
        pose: seen.turn.and_then(|t| t.pose),
        plane: seen.turn.and_then(|t| t.plane),
        onset: seen.onset,
        frames: seen.frames,
        readings: seen.readings.iter().map(|(name, value)| (name.as_str(), *value)).collect(),
    }
}

fn reasons(all: &Seens<'_>) -> BTreeMap<String, BTreeMap<&'static str, usize>> {
    let mut counts: BTreeMap<String, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for outcome in all.generated {
        let row = counts.entry(outcome.species.name().to_owned()).or_default();
        outcome.reasons.iter().for_each(|reason| *row.entry(reason.as_str()).or_default() += 1);
    }
    counts
}

/// Lowest, median and highest of each reading.
fn readings(all: &Seens<'_>) -> BTreeMap<String, BTreeMap<&'static str, [f32; 3]>> {
    let mut values: BTreeMap<String, BTreeMap<&'static str, Vec<f32>>> = BTreeMap::new();
    let mut add = |who: &str, readings: &[(CheckName, f32)]| {
        let row = values.entry(who.to_owned()).or_default();
        readings.iter().for_each(|(name, value)| row.entry(name.as_str()).or_default().push(*value));
    };
    all.generated.iter().for_each(|o| add(o.species.name(), &o.readings));
    all.clips.iter().filter(|s| s.clip.live).for_each(|s| add("live clips", &s.readings));
    let three = |mut v: Vec<f32>| {
        v.sort_by(f32::total_cmp);
        let at = |i: usize| v.get(i).copied().unwrap_or(f32::NAN);
        [at(0), at(v.len() / 2), at(v.len().saturating_sub(1))]
    };
    let rows = values.into_iter();
    rows.map(|(who, row)| (who, row.into_iter().map(|(name, v)| (name, three(v))).collect())).collect()
}

fn check_ms(all: &Seens<'_>) -> [f32; 2] {
    // Captures that are answered and measured in full: tapes were measured before, photographs are played without vectors.
    let whole = |o: &&Outcome| matches!(o.species, Species::HardCut | Species::IdentitySwap | Species::FaceSwap);
    let mut times: Vec<f32> = all.generated.iter().filter(whole).flat_map(|o| o.check_ms.iter().copied()).collect();
    times.sort_by(f32::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0.0);
    [at(50), at(95)]
}

fn lengths(all: &Seens<'_>) -> [f64; 2] {
    let puppets = all.generated.iter().filter(|o| o.species == Species::InjectedFrames && o.finished);
    let mut seconds: Vec<f64> = puppets.map(|o| o.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    [seconds.get(seconds.len() / 2).copied().unwrap_or(0.0), seconds.last().copied().unwrap_or(0.0)]
}
