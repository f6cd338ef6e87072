//! Real clips: folders of JPEG frames. Each is asked for the movements that it contains, one session for each movement.

use std::path::Path;
use std::sync::Arc;

use decide::{ChallengeKind, CheckName, LivenessPolicy, NoEvidence, Reading, Reason, Verdict};
use face::Analyzer;
use liveness::{Challenge, Limits, Step};

use super::play::{Recording, Rules, from_jpeg, play};
use super::shot::Shot;
use super::table::{Row, Table};
use crate::error::EvaluateError;
use crate::extract::read_bounded;

/// |Nose offset| from which a clip contains a turn: people who turn exceed it. The list's `yaw_range` alone is not enough: it counts
/// a head that sways as far to one side as to the other, and the gates of a session do not.
const TURN_RANGE: f64 = 0.28;
/// Happy scores between which a clip contains a smile: the low one first, then the high one for [`HELD`] frames. A score that
/// only falls, or leaps up for a frame or two of speech, is no smile that came.
const SMILE_RANGE: [f64; 2] = [0.2, 0.8];
/// Frames in a row above the high score.
const HELD: usize = 3;
/// Rate at which a clip of unknown rate is played when its rate is not to be judged (frames per second).
const NOMINAL_FPS: f64 = 10.0;
/// Most frames of a clip.
const MAX_FRAMES: usize = 2_000;

/// A line of `videos.csv`.
pub(crate) struct Clip {
    pub(crate) dir: String,
    pub(crate) live: bool,
    pub(crate) content: String,
    pub(crate) set: String,
    pub(crate) source: String,
    /// `None`: unknown.
    fps: Option<f64>,
    yaw_range: Option<f64>,
    happy: Option<[f64; 2]>,
}

/// What a clip showed.
pub(crate) struct Seen {
    pub(crate) clip: Clip,
    pub(crate) asked: Vec<Step>,
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Vec<Reason>,
    /// Why checks were silent.
    pub(crate) silent: Vec<(CheckName, NoEvidence)>,
    /// Pose answer and inlier share of its turn.
    pub(crate) turn: Option<Turn>,
    /// How a smile came over the whole clip; `None` when nothing rose.
    pub(crate) onset: Option<f32>,
    /// The list's columns speak of a smile, whatever the order of its frames.
    pub(crate) listed_smile: bool,
    /// The list's columns speak of a movement.
    pub(crate) listed: bool,
    pub(crate) smiles: bool,
    pub(crate) frames: usize,
    pub(crate) readings: Vec<(CheckName, f32)>,
}

/// The two depth checks of one turn.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Turn {
    pub(crate) pose: Option<f32>,
    pub(crate) plane: Option<f32>,
}

impl Turn {
    /// Both checks as one number, high is live: how far the nose went, times the share of corners that left the plane. A turn
    /// that was not answered has no depth; corners that were lost say nothing for it.
    pub(crate) fn score(self) -> f32 {
        /// A turn that counts in full: the gate of `liveness`.
        const FULL: f32 = 0.30;
        let pose = (self.pose.unwrap_or(0.0) / FULL).clamp(0.0, 1.0);
        pose * (1.0 - self.plane.unwrap_or(1.0)).clamp(0.0, 1.0)
    }
}

/// Reads the list; `None` when there is none.
pub(crate) fn list(folder: &Path) -> Result<Option<Vec<Clip>>, EvaluateError> {
    let path = folder.join("videos.csv");
    if !path.is_file() {
        return Ok(None);
    }
    let table = Table::read(&path, &["dir", "label", "content", "fps_of_frames", "source"])?;
    Ok(Some(table.rows().map(|row| Clip::of(&row)).collect()))
}

impl Clip {
    fn of(row: &Row<'_>) -> Self {
        let (source, content) = (row.get("source").to_owned(), row.get("content").to_owned());
        Self {
            dir: row.get("dir").to_owned(),
            live: row.get("label").eq_ignore_ascii_case("live"),
            set: set_of(&source, &content).to_owned(),
            source,
            content,
            fps: row.number("fps_of_frames").filter(|fps| *fps > 0.0),
            yaw_range: row.number("yaw_range"),
            happy: row.number("happy_min").zip(row.number("happy_max")).map(|(low, high)| [low, high]),
        }
    }

    /// The species that an attack's row has: its set and what it shows.
    pub(crate) fn species(&self) -> String {
        let words = self.content.to_lowercase();
        if ["ai-generated", "ai generated", "deepfake", "synthetic"].iter().any(|w| words.contains(w)) {
            return "ai_generated_clip".to_owned();
        }
        let slug: Vec<&str> = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
        format!("{}_{}", self.set, slug.join("_"))
    }

    /// Who it shows, as far as the source tells: the part before the file, and the number of a NUAA person.
    pub(crate) fn person(&self) -> &str {
        match self.source.strip_prefix("nuaa/").and_then(|rest| rest.split('/').nth(1)) {
            Some(session) => session.split('_').next().unwrap_or(session),
            None => &self.source,
        }
    }
}

fn set_of(source: &str, content: &str) -> &'static str {
    let (source, content) = (source.to_lowercase(), content.to_lowercase());
    if source.starts_with("nuaa") {
        "nuaa"
    } else if source.starts_with("live_") || content.contains("webcam") || content.contains("screen") {
        "webcam"
    } else {
        "clips"
    }
}

/// Frames in the order of their names, at the clip's own rate.
fn load(folder: &Path, clip: &Clip, fps: f64, analyzer: &mut Analyzer) -> Result<Vec<(f64, Arc<Shot>)>, EvaluateError> {
    let dir = folder.join(&clip.dir);
    let unreadable = |source| EvaluateError::NoList { path: dir.clone(), source };
    let mut names: Vec<_> = std::fs::read_dir(&dir).map_err(unreadable)?.flatten().map(|e| e.path()).collect();
    names.retain(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("jpg") || e.eq_ignore_ascii_case("jpeg")));
    names.sort();
    let mut frames = Vec::new();
    for (place, name) in (0u32..).zip(names.iter().take(MAX_FRAMES)) {
        let shot = read_bounded(name).map(|jpeg| from_jpeg(jpeg, analyzer)).transpose()?.flatten();
        if let Some(shot) = shot {
            frames.push((f64::from(place) * 1_000.0 / fps, Arc::new(shot)));
        }
    }
    Ok(frames)
}

/// Plays the clip to a session for each movement that it contains.
pub(crate) fn see(
    folder: &Path,
    clip: Clip,
    analyzer: &mut Analyzer,
    policy: &LivenessPolicy,
    ignore_fps: bool,
) -> Result<Seen, EvaluateError> {
    let fps = clip.fps.unwrap_or(NOMINAL_FPS);
    let frames = load(folder, &clip, fps, analyzer)?;
    let mut policy = *policy;
    let mut limits = Limits::default();
    if ignore_fps {
        policy.frame_rate_from = 0.0;
        limits.depth_fps = 0.0;
    }
    let offsets: Vec<f32> = frames.iter().filter_map(|f| Some(f.1.found.as_ref()?.points.nose_offset())).collect();
    let listed_turn = clip.yaw_range.is_none_or(|range| range >= TURN_RANGE);
    let farthest = offsets.iter().fold(0.0f32, |far, o| far.max(o.abs()));
    let turns = listed_turn && f64::from(farthest) >= TURN_RANGE;
    let (onset, happy) = onset(&frames, analyzer)?;
    let listed_smile = clip.happy.is_none_or(|[low, high]| low < SMILE_RANGE[0] && high > SMILE_RANGE[1]);
    let smiles = listed_smile && rises(&happy);
    let mut asked = Vec::new();
    if turns {
        let farthest = offsets.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
        asked.push(if farthest >= 0.0 { Step::TurnLeft } else { Step::TurnRight });
    }
    if smiles {
        asked.push(Step::Smile);
    }
    let clip_has_columns = clip.yaw_range.is_some() || clip.happy.is_some();
    let mut seen = Seen {
        clip,
        asked,
        verdict: Verdict::Live,
        reasons: Vec::new(),
        silent: Vec::new(),
        turn: None,
        onset,
        listed_smile: listed_smile && clip_has_columns,
        listed: clip_has_columns && (listed_turn || listed_smile),
        smiles,
        frames: frames.len(),
        readings: Vec::new(),
    };
    let sessions: Vec<Vec<Step>> = match seen.asked.as_slice() {
        // Nothing to ask for: the checks that speak against it speak, but it cannot be accepted.
        [] => vec![vec![Step::Neutral, Step::TurnLeft]],
        asked => {
            asked.iter().map(|&step| if step == Step::Smile { vec![Step::Neutral, step] } else { vec![step] }).collect()
        }
    };
    for steps in sessions {
        let Ok(challenge) = Challenge::pinned(&steps) else { continue };
        let rules = Rules { limits, policy: &policy, fps, stop_early: false, identity: true };
        let kind = ChallengeKind::PinnedForTest;
        let played = play(analyzer, &mut Recording(&frames), challenge, kind, Vec::new(), rules)?;
        seen.add(&played.evidence, &played.reasons, steps.last().is_some_and(|s| s.turn_sign().is_some()));
    }
    if seen.clip.fps.is_none() && !ignore_fps {
        seen.reasons.push(Reason::FrameRateLow);
    }
    if seen.asked.is_empty() {
        seen.reasons.push(Reason::NoEvidence);
    }
    seen.verdict = decide::liveness::verdict(&seen.reasons);
    Ok(seen)
}

impl Seen {
    fn add(&mut self, evidence: &decide::Evidence, reasons: &[Reason], turn: bool) {
        for reason in reasons {
            if !self.reasons.contains(reason) {
                self.reasons.push(*reason);
            }
        }
        for check in &evidence.checks {
            match check.reading {
                Reading::Value(value) => self.readings.push((check.name, value)),
                Reading::NoEvidence(NoEvidence::NotAsked) => {}
                Reading::NoEvidence(why) => self.silent.push((check.name, why)),
            }
        }
        if turn && !self.asked.is_empty() {
            self.turn =
                Some(Turn { pose: value(evidence, CheckName::PoseAnswer), plane: value(evidence, CheckName::Depth) });
        }
    }
}

/// A reading's value, if it has one.
pub(crate) fn value(evidence: &decide::Evidence, name: CheckName) -> Option<f32> {
    match evidence.reading(name) {
        Some(Reading::Value(value)) => Some(value),
        _ => None,
    }
}

/// Whether a low score comes before a high one that lasts.
fn rises(happy: &[Option<f32>]) -> bool {
    let at = |score: &Option<f32>| score.map(f64::from);
    let Some(low) = happy.iter().position(|s| at(s).is_some_and(|s| s < SMILE_RANGE[0])) else { return false };
    let after = happy.get(low..).unwrap_or_default();
    after.windows(HELD).any(|w| w.iter().all(|s| at(s).is_some_and(|s| s > SMILE_RANGE[1])))
}

/// How a smile came over the whole clip, and its happy scores.
fn onset(
    frames: &[(f64, Arc<Shot>)],
    analyzer: &mut Analyzer,
) -> Result<(Option<f32>, Vec<Option<f32>>), EvaluateError> {
    let mut scores = Vec::new();
    for (_, shot) in frames {
        scores.push(shot.happy(analyzer)?);
    }
    let moments = frames
        .iter()
        .zip(&scores)
        .filter_map(|((at, shot), happy)| Some((*at, &shot.luma, shot.scale, shot.found.as_ref()?, (*happy)?)));
    let onset = match liveness::smile_over(moments) {
        Reading::Value(value) => Some(value),
        Reading::NoEvidence(_) => None,
    };
    Ok((onset, scores))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_needs_both_an_answer_and_depth() {
        let score = |pose, plane| Turn { pose, plane }.score();
        assert!(score(Some(0.4), Some(0.3)) > 0.6);
        assert!(score(Some(0.1), Some(0.3)) < 0.3 && score(Some(0.4), Some(0.99)) < 0.02);
        assert_eq!((score(None, Some(0.1)), score(Some(0.5), None)), (0.0, 0.0));
    }

    #[test]
    fn a_rise_is_a_low_score_before_a_high_one_that_lasts() {
        let scores = |all: &[f32]| all.iter().map(|s| Some(*s)).collect::<Vec<_>>();
        assert!(rises(&scores(&[0.1, 0.5, 0.9, 0.9, 0.9])));
        assert!(!rises(&scores(&[0.9, 0.9, 0.9, 0.1, 0.1])), "it falls");
        assert!(!rises(&scores(&[0.1, 0.9, 0.9, 0.1, 0.9])), "it flickers");
        assert!(!rises(&[Some(0.1), None, Some(0.9), Some(0.9), None]) && !rises(&[]));
    }

    #[test]
    fn sets_and_species_have_stable_names() {
        assert_eq!(set_of("nuaa/ImposterRaw/0001_00_01_03", "moved printed photo"), "nuaa");
        assert_eq!(set_of("live_X/videos/fake.mp4", "phone-screen photo"), "webcam");
        assert_eq!(set_of("LivePortrait/d0.mp4", "neutral->smile"), "clips");
    }
}
