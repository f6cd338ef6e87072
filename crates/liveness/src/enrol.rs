//! A guided enrolment: distinct, good views for a new template.
//!
//! Front, a small turn each way, the smile, and the front again: five views, each the last of a few good frames in a row.
//! A frame that is not good enough says why ([`Reject`]); nothing is kept of it.

use face::{Detection, Embedding, Quality};
use serde::{Deserialize, Serialize};

use crate::challenge::Step;
use crate::clock::Tick;
use crate::frame::{Failure, FrameInput, Hint, Progress, Prompt, State, Wants};
use crate::gate::{Baseline, answers};
use crate::limits::{
    DEPTH_FPS, FOUND_VIEW_EVERY_MS, FRONTAL, HINT_AFTER_MS, Limits, SMALL_TURN, TOO_MUCH_TURNED, TURNED_VIEW_FRAMES,
    VIEW_BRIGHTNESS, VIEW_CONTRAST, VIEW_EYE_PX, VIEW_EYES_OPEN, VIEW_FRAMES, VIEW_SAME_PERSON, VIEW_SHARPNESS,
};
use crate::look::{Look, scale_of, trouble};
use crate::record::{Record, StepReadings};
use crate::{Evidence, NoEvidence, Reading};

/// What is asked for, one view each.
const PLAN: [Step; 5] = [Step::Neutral, Step::TurnLeft, Step::TurnRight, Step::Smile, Step::Neutral];

/// Which views are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guide {
    /// One for each step of [`PLAN`].
    Plan,
    /// Whatever good views come by, some time apart: a recording cannot answer prompts.
    AsFound,
}

/// Why a frame is not kept as a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reject {
    NoFace,
    SeveralFaces,
    TooSmall,
    TooClose,
    TooDark,
    /// The face is upside down or lies on its side.
    NotUpright,
    Blurred,
    TooMuchTurned,
    EyesNotVisible,
    /// A good picture, but not (yet) the pose or expression asked for now.
    OtherPose,
    /// Not the person of the views before.
    OtherPerson,
    /// The timestamp is unusable, or the enrolment is over.
    BadTime,
    /// The pose was right and the picture good; a few more such frames are needed, or its embedding was not brought.
    NotSettled,
}

impl Reject {
    /// Name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Reject::NoFace => "no_face",
            Reject::SeveralFaces => "several_faces",
            Reject::TooSmall => "too_small",
            Reject::TooClose => "too_close",
            Reject::TooDark => "too_dark",
            Reject::NotUpright => "not_upright",
            Reject::Blurred => "blurred",
            Reject::TooMuchTurned => "too_much_turned",
            Reject::EyesNotVisible => "eyes_not_visible",
            Reject::OtherPose => "other_pose",
            Reject::OtherPerson => "other_person",
            Reject::BadTime => "bad_time",
            Reject::NotSettled => "not_settled",
        }
    }
}

/// What to show after a frame of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnrolProgress {
    pub progress: Progress,
    /// Views kept so far.
    pub kept: usize,
    pub of: usize,
    /// Why this frame was not kept; `None` when it was.
    pub reject: Option<Reject>,
}

/// What a finished enrolment hands back.
pub struct Enrolled {
    /// Kept views with their weights. Complete only when the state was [`State::Finished`].
    pub views: Vec<(Embedding, f32)>,
    /// What was measured on the way. `Depth` covers the swing from one side to the other, if it was quick enough to be read.
    pub evidence: Evidence,
    pub fingerprints: Vec<u64>,
}

/// Collects views: front, a small turn each way, a smile, front again.
pub struct EnrolSession {
    guide: Guide,
    limits: Limits,
    record: Record,
    base: Baseline,
    state: State,
    views: Vec<(Embedding, f32)>,
    streak: Vec<Look>,
    since: f64,
    forward_at: f64,
    hint: Option<Hint>,
    reject: Option<Reject>,
    /// Least peak of the small turns.
    peaks: [f32; 2],
    smile: Option<Reading>,
}

impl EnrolSession {
    pub fn new(limits: Limits) -> Self {
        Self::with_guide(Guide::Plan, limits)
    }

    /// Takes good views in any pose and expression, [`FOUND_VIEW_EVERY_MS`] apart, as a recording shows them. For test
    /// mode only: the views may be all alike.
    pub fn as_found(limits: Limits) -> Self {
        Self::with_guide(Guide::AsFound, limits)
    }

    fn with_guide(guide: Guide, limits: Limits) -> Self {
        Self {
            guide,
            limits,
            record: Record::default(),
            base: Baseline::default(),
            state: State::Running,
            views: Vec::new(),
            streak: Vec::new(),
            since: 0.0,
            forward_at: 0.0,
            hint: None,
            reject: None,
            peaks: [0.0; 2],
            smile: None,
        }
    }

    /// Which dear measurements the frame at `at_ms` should bring.
    pub fn wants(&self, at_ms: f64, faces: usize, detection: Option<&Detection>) -> Wants {
        let at = self.record.clock.since_first(at_ms);
        let look = detection.and_then(|found| Look::of(Tick { at, since: 0.0 }, found, None));
        let usable = self.state == State::Running && self.record.clock.accepts(at_ms) && faces == 1;
        let Some(look) = look.filter(|_| usable) else { return Wants::default() };
        let offset = self.base.relative(look.offset);
        let embedding = self.ready(offset) || self.record.identity.wants(at, offset, false);
        Wants { happy: self.base.frontal(&look), embedding, mesh: true, passive: false }
    }

    /// Takes one frame. Never panics; a frame after the end changes nothing.
    pub fn push(&mut self, frame: FrameInput<'_>) -> EnrolProgress {
        self.reject = Some(Reject::BadTime);
        if self.state == State::Running {
            match self.record.admit(&frame) {
                Some(tick) => self.take(tick, frame),
                None if self.record.clock.refused > self.limits.max_refused => self.fail(Failure::BadClock),
                None => {}
            }
        }
        self.progress()
    }

    /// Where the enrolment stands.
    pub fn progress(&self) -> EnrolProgress {
        let (kept, of) = (self.views.len(), PLAN.len());
        let prompt = match (self.state, PLAN.get(kept)) {
            (State::Running, Some(&step)) if self.guide == Guide::Plan => Prompt::Step(step),
            _ => Prompt::Hold,
        };
        let within = 0.8 * self.streak.len() as f32 / self.needed() as f32;
        let progress = Progress {
            tints: None,
            prompt,
            fraction: ((kept as f32 + within) / of as f32).clamp(0.0, 1.0),
            hint: self.hint,
            wants_embedding: self.state == State::Running,
            state: self.state,
        };
        EnrolProgress { progress, kept, of, reject: self.reject }
    }

    /// Ends the enrolment, finished or not.
    pub fn finish(mut self) -> Enrolled {
        self.record.end_turn(DEPTH_FPS);
        let share = self.views.len() as f32 / PLAN.len() as f32;
        let [left, right] = self.peaks;
        let steps = StepReadings {
            answered: Reading::Value(share),
            pose: Reading::Value(left.min(right)),
            smile: self.smile.unwrap_or(Reading::NoEvidence(NoEvidence::TooLittleMotion)),
            reaction: Reading::NoEvidence(NoEvidence::NotAsked),
            colours: Reading::NoEvidence(NoEvidence::NotAsked),
            turns: true,
        };
        let (evidence, _, fingerprints) = self.record.finish(&steps);
        Enrolled { views: self.views, evidence, fingerprints }
    }

    fn take(&mut self, tick: Tick, mut frame: FrameInput<'_>) {
        if let Some(failure) = self.overdue(tick) {
            self.fail(failure);
            return;
        }
        if tick.after_gap() {
            self.streak.clear();
        }
        let look = frame.detection.and_then(|found| Look::of(tick, found, frame.happy));
        let problem = trouble(&frame, look.as_ref());
        let verdict = match (look, problem) {
            (Some(look), None) => self.judge(&look, &mut frame),
            (_, problem) => {
                self.streak.clear();
                Err((reject_for(problem), problem))
            }
        };
        let (reject, hint) = verdict.err().unzip();
        self.reject = reject;
        self.hint = hint.flatten().filter(|_| tick.at - self.forward_at >= HINT_AFTER_MS);
    }

    fn overdue(&self, tick: Tick) -> Option<Failure> {
        if self.record.clock.accepted > self.limits.max_frames {
            Some(Failure::TooManyFrames)
        } else if tick.at > self.limits.total_ms {
            Some(Failure::TimedOut)
        } else if tick.at - self.since > 2.0 * self.limits.step_ms {
            Some(Failure::StepTimedOut)
        } else {
            None
        }
    }

    fn judge(&mut self, look: &Look, frame: &mut FrameInput<'_>) -> Result<(), (Reject, Option<Hint>)> {
        let offset = self.base.relative(look.offset);
        let had = frame.embedding.is_some();
        self.record.see(look, offset, frame, 0.0);
        let Some(&step) = PLAN.get(self.views.len()) else { return Ok(()) };
        if let (true, Some(found)) = (step.turn_sign().is_some(), frame.detection) {
            self.record.turn.push(look, found, frame.luma, scale_of(frame));
        }
        let posed = match self.guide {
            Guide::Plan => self.posed(step, look),
            Guide::AsFound => self.found(look),
        };
        let verdict = posed.and_then(|()| good(look, frame.quality));
        if let Err(why) = verdict {
            self.streak.clear();
            return Err(why);
        }
        self.streak.push(*look);
        self.forward_at = look.tick.at;
        if self.streak.len() < self.needed() as usize || !had {
            return Err((Reject::NotSettled, None));
        }
        self.keep(step, look, frame.quality)
    }

    /// Whether the pose is the one asked for; a turn is small here.
    fn posed(&mut self, step: Step, look: &Look) -> Result<(), (Reject, Option<Hint>)> {
        let offset = self.base.relative(look.offset);
        let Some(sign) = step.turn_sign() else {
            let waited = look.tick.at - self.since;
            return answers(step, look, None, &self.base, waited).map_err(|hint| (Reject::OtherPose, Some(hint)));
        };
        let toward = offset * sign;
        let [left, right] = &mut self.peaks;
        let peak = if sign > 0.0 { left } else { right };
        *peak = peak.max(toward);
        if toward > TOO_MUCH_TURNED {
            Err((Reject::TooMuchTurned, Some(Hint::TurnBack)))
        } else if toward >= SMALL_TURN {
            Ok(())
        } else {
            let hint = if toward < -FRONTAL { Hint::OtherSide } else { Hint::TurnMore };
            Err((Reject::OtherPose, Some(hint)))
        }
    }

    /// Any pose that is not turned away, some time after the view before.
    fn found(&self, look: &Look) -> Result<(), (Reject, Option<Hint>)> {
        if self.base.relative(look.offset).abs() > TOO_MUCH_TURNED {
            Err((Reject::TooMuchTurned, Some(Hint::TurnBack)))
        } else if !self.views.is_empty() && look.tick.at - self.since < FOUND_VIEW_EVERY_MS {
            Err((Reject::NotSettled, None))
        } else {
            Ok(())
        }
    }

    /// Keeps the newest sample as the view for `step`.
    fn keep(&mut self, step: Step, look: &Look, quality: Option<&Quality>) -> Result<(), (Reject, Option<Hint>)> {
        let Some(Ok(view)) = self.record.identity.last().map(copy) else { return Err((Reject::NotSettled, None)) };
        let stranger = self.views.first().is_some_and(|(first, _)| first.cosine(&view).value() < VIEW_SAME_PERSON);
        if stranger {
            self.streak.clear();
            return Err((Reject::OtherPerson, Some(Hint::LookAtCamera)));
        }
        match step {
            Step::Neutral if self.views.is_empty() => self.base.learn(&self.streak),
            Step::Smile if self.guide == Guide::Plan => {
                self.smile = Some(self.record.onset.reading(self.base.happy.unwrap_or(0.0)))
            }
            _ => {}
        }
        self.views.push((view, quality.map_or(1.0, Quality::weight)));
        self.streak.clear();
        self.since = look.tick.at;
        if self.views.len() >= PLAN.len() {
            self.state = State::Finished;
        }
        Ok(())
    }

    /// Whether a good frame now would complete the view.
    fn ready(&self, offset: f32) -> bool {
        self.streak.len() + 1 >= self.needed() as usize && offset.abs() <= TOO_MUCH_TURNED
    }

    /// Good frames in a row that the present view needs.
    fn needed(&self) -> u32 {
        let turned = PLAN.get(self.views.len()).is_some_and(|step| step.turn_sign().is_some());
        if turned || self.guide == Guide::AsFound { TURNED_VIEW_FRAMES } else { VIEW_FRAMES }
    }

    fn fail(&mut self, why: Failure) {
        self.state = State::Failed(why);
        self.hint = None;
    }
}

/// The samples stay with the record (they carry continuity), so a view is a second copy, wiped like the first.
fn copy(embedding: &Embedding) -> Result<Embedding, face::FaceError> {
    Embedding::made_by(embedding.model(), embedding.expose_values())
}

/// Whether the picture is good enough for a template.
fn good(look: &Look, quality: Option<&Quality>) -> Result<(), (Reject, Option<Hint>)> {
    if look.eyes < VIEW_EYE_PX {
        return Err((Reject::TooSmall, Some(Hint::ComeCloser)));
    }
    let Some(quality) = quality else { return Ok(()) };
    if quality.brightness < VIEW_BRIGHTNESS || quality.contrast < VIEW_CONTRAST {
        Err((Reject::TooDark, Some(Hint::MoreLight)))
    } else if quality.sharpness < VIEW_SHARPNESS {
        Err((Reject::Blurred, Some(Hint::HoldStill)))
    } else if quality.eye_openness.is_some_and(|open| open < VIEW_EYES_OPEN) {
        Err((Reject::EyesNotVisible, Some(Hint::ShowEyes)))
    } else {
        Ok(())
    }
}

fn reject_for(problem: Option<Hint>) -> Reject {
    match problem {
        Some(Hint::SeveralFaces) => Reject::SeveralFaces,
        Some(Hint::ComeCloser) => Reject::TooSmall,
        Some(Hint::MoveBack) => Reject::TooClose,
        Some(Hint::MoreLight) => Reject::TooDark,
        Some(Hint::HoldUpright) => Reject::NotUpright,
        _ => Reject::NoFace,
    }
}
