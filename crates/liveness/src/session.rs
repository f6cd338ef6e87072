//! A payment's capture: prompts, gates, and the evidence they leave.
//!
//! ```text
//!   Asking(step 0) ──answered──▶ Asking(step 1) ─ … ─▶ Finished
//!        │  a turn was answered        ▲
//!        └────────▶ Returning ─front───┘
//!   any ──step or total time, frames, clock, wrong answers──▶ Failed
//! ```

use face::{Detection, Embedding, Quality};

use crate::challenge::{Challenge, Step};
use crate::clock::Tick;
use crate::colours::ColourWatch;
use crate::frame::{Failure, FrameInput, Hint, Progress, Prompt, State, Wants};
use crate::gate::{Baseline, answers, frames_needed};
use crate::limits::{
    BACK, FRONTAL, HINT_AFTER_MS, Limits, MAX_EARLIER, MAX_WRONG, MIN_EYE_PX, RETURN_FRAMES, ROOM_TO_COME, SMILE_GROWN,
    SMILE_MORE, TURN, WRONG_FRAMES,
};
use crate::look::{Look, scale_of, trouble};
use crate::record::{Record, StepReadings};
use crate::{Evidence, NoEvidence, Reading};

/// What a finished session hands back.
pub struct Capture {
    pub evidence: Evidence,
    /// Near-frontal neutral and smiling frames with their weights (> 0), best first, at most [`crate::limits::MAX_PROBE`].
    pub probe: Vec<(Embedding, f32)>,
    /// Fingerprints of this capture's frames; keep them (they say nothing about the person) to find replays later.
    pub fingerprints: Vec<u64>,
}

/// A live answer to a [`Challenge`].
pub struct Session {
    challenge: Challenge,
    limits: Limits,
    record: Record,
    base: Baseline,
    state: State,
    /// The step that is asked for, or was answered last while returning.
    step: usize,
    /// A turn was answered: back to the front before the next step.
    returning: bool,
    /// When the present stage began (ms since the first frame).
    since: f64,
    /// When anything last went forward.
    forward_at: f64,
    streak: Vec<Look>,
    wrong_run: u32,
    wrong: u32,
    hint: Option<Hint>,
    /// For each step: the largest answer to a turn, positive on the asked side.
    peaks: Vec<Option<f32>>,
    smiles: Vec<Reading>,
    /// How the smile that is being held came, as far as it was seen.
    onset: Reading,
    colours: ColourWatch,
    /// The last frame that showed the payer well.
    before: Option<Look>,
    /// Shortest time from asking for a movement to seeing it, ms.
    reaction: Option<f32>,
}

impl Session {
    pub fn new(challenge: Challenge, limits: Limits) -> Self {
        let peaks = vec![None; challenge.steps().len()];
        Self {
            challenge,
            limits,
            record: Record::default(),
            base: Baseline::default(),
            state: State::Running,
            step: 0,
            returning: false,
            since: 0.0,
            forward_at: 0.0,
            streak: Vec::new(),
            wrong_run: 0,
            wrong: 0,
            hint: None,
            peaks,
            smiles: Vec::new(),
            onset: Reading::NoEvidence(NoEvidence::NotAsked),
            colours: ColourWatch::default(),
            before: None,
            reaction: None,
        }
    }

    /// Fingerprints of earlier captures of this account (and device) to compare with; the first [`MAX_EARLIER`] count.
    #[must_use]
    pub fn with_earlier(mut self, mut fingerprints: Vec<u64>) -> Self {
        fingerprints.truncate(MAX_EARLIER);
        self.record.replay.compare_with(fingerprints);
        self
    }

    /// Which dear measurements the frame at `at_ms` should bring. Asks nothing of frames that will be refused.
    pub fn wants(&self, at_ms: f64, faces: usize, detection: Option<&Detection>) -> Wants {
        let at = self.record.clock.since_first(at_ms);
        let look = detection.and_then(|found| Look::of(Tick { at, since: 0.0 }, found, None));
        let usable = self.state == State::Running && self.record.clock.accepts(at_ms) && faces == 1;
        let Some(look) = look.filter(|_| usable) else { return Wants::default() };
        let happy = self.base.frontal(&look);
        let embedding = self.record.identity.wants(at, self.base.relative(look.offset), happy && self.for_probe());
        Wants { happy, embedding, mesh: false, passive: happy && self.record.passive.wants(at) }
    }

    /// Takes one frame. Never panics; a frame after the end changes nothing.
    pub fn push(&mut self, frame: FrameInput<'_>) -> Progress {
        if self.state == State::Running {
            match self.record.admit(&frame) {
                Some(tick) => self.take(tick, frame),
                None if self.record.clock.refused > self.limits.max_refused => self.fail(Failure::BadClock),
                None => {}
            }
        }
        self.progress()
    }

    /// Where the session stands, without a frame (for the first prompt).
    pub fn progress(&self) -> Progress {
        let steps = self.challenge.steps();
        let prompt = match (self.state, steps.get(self.step)) {
            (State::Running, Some(_)) if self.returning => Prompt::Step(Step::Neutral),
            (State::Running, Some(&step)) => Prompt::Step(step),
            _ => Prompt::Hold,
        };
        let within = match steps.get(self.step) {
            Some(_) if self.returning => 0.8,
            Some(Step::Colours) => 0.95 * self.colours.share(),
            Some(&step) => 0.7 * self.streak.len() as f32 / frames_needed(step) as f32,
            None => 0.0,
        };
        Progress {
            prompt,
            tints: self.challenge.tints().filter(|_| prompt == Prompt::Step(Step::Colours)).copied(),
            fraction: ((self.step as f32 + within) / steps.len().max(1) as f32).clamp(0.0, 1.0),
            hint: self.hint,
            wants_embedding: self.state == State::Running,
            state: self.state,
        }
    }

    /// The readings that can only get worse from here on: whoever judges them badly need not wait for the end.
    pub fn settled(&self) -> Evidence {
        let reaction = self.reaction.map_or(Reading::NoEvidence(NoEvidence::NotAsked), Reading::Value);
        let smile = if self.smiles.is_empty() { Reading::NoEvidence(NoEvidence::NotAsked) } else { self.smile() };
        self.record.settled(smile, reaction)
    }

    /// Ends the session, finished or not, and sums up. Finishes tracking that is still due (≤ 0.2 s).
    pub fn finish(mut self) -> Capture {
        if self.state != State::Finished && (self.returning || self.asked_turn().is_some()) {
            self.record.end_turn(self.limits.depth_fps);
        }
        let steps = StepReadings {
            answered: self.answered(),
            pose: self.pose(),
            smile: self.smile(),
            reaction: self.reaction.map_or(Reading::NoEvidence(NoEvidence::NotAsked), Reading::Value),
            colours: self.colours.reading(self.challenge.tints()),
            turns: self.challenge.steps().iter().any(|step| step.turn_sign().is_some()),
        };
        let (evidence, probe, fingerprints) = self.record.finish(&steps);
        Capture { evidence, probe, fingerprints }
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
        let problem = match (look, problem) {
            (Some(look), None) => self.judge(&look, &mut frame).err(),
            (_, problem) => {
                self.streak.clear();
                problem
            }
        };
        self.hint = problem.filter(|_| tick.at - self.forward_at >= HINT_AFTER_MS);
    }

    fn overdue(&self, tick: Tick) -> Option<Failure> {
        // The first step includes finding a place for the phone.
        let patience = if self.step == 0 { 2.0 } else { 1.0 } * self.limits.step_ms;
        if self.record.clock.accepted > self.limits.max_frames {
            Some(Failure::TooManyFrames)
        } else if tick.at > self.limits.total_ms {
            Some(Failure::TimedOut)
        } else if tick.at - self.since > patience {
            Some(Failure::StepTimedOut)
        } else {
            None
        }
    }

    /// A frame that shows the payer well: `Err` says what to do to go forward.
    fn judge(&mut self, look: &Look, frame: &mut FrameInput<'_>) -> Result<(), Hint> {
        let offset = self.base.relative(look.offset);
        let weight = if self.for_probe() { frame.quality.map_or(1.0, Quality::weight) } else { 0.0 };
        self.base.follow(look);
        self.record.see(look, offset, frame, weight);
        self.watch_turn(look, offset, frame);
        let Some(&step) = self.challenge.steps().get(self.step) else { return Ok(()) };
        self.watch_wrong(step, offset);
        if step == Step::Colours && !self.returning {
            self.watch_colours(look, frame);
        }
        let verdict = if self.returning {
            if offset.abs() <= FRONTAL { Ok(()) } else { Err(Hint::TurnBack) }
        } else {
            self.room_to_move(step, look, frame)
                .map_or_else(|| answers(step, look, self.before.as_ref(), &self.base, look.tick.at - self.since), Err)
        };
        self.before = Some(*look);
        let needed = if self.returning { RETURN_FRAMES } else { frames_needed(step) };
        self.count(look, verdict.is_ok(), needed);
        verdict
    }

    /// In the first step: a hint when the payer could not come closer or move back from where they are.
    fn room_to_move(&self, step: Step, look: &Look, frame: &FrameInput<'_>) -> Option<Hint> {
        if step != Step::Neutral || self.base.offset.is_some() {
            return None;
        }
        let asks = |step| self.challenge.steps().contains(&step);
        let scale = scale_of(frame);
        let share = frame.detection.map_or(0.0, |found| {
            let (width, height) = (frame.luma.width() as f32 * scale, frame.luma.height() as f32 * scale);
            (found.bbox.w / width).max(found.bbox.h / height)
        });
        if asks(Step::Closer) && share > ROOM_TO_COME {
            Some(Hint::MoveBack)
        } else if asks(Step::Back) && look.eyes * BACK < MIN_EYE_PX * 1.1 {
            Some(Hint::ComeCloser)
        } else {
            None
        }
    }

    fn watch_turn(&mut self, look: &Look, offset: f32, frame: &FrameInput<'_>) {
        let (Some(sign), Some(found)) = (self.asked_turn(), frame.detection) else { return };
        if !self.base.wide_enough(look) {
            return;
        }
        self.record.turn.push(look, found, frame.luma, scale_of(frame));
        if let Some(peak) = self.peaks.get_mut(self.step) {
            *peak = Some(peak.map_or(offset * sign, |peak| peak.max(offset * sign)));
        }
    }

    /// Nothing is to be done but to wait: no hint, unless the payer looks away.
    fn watch_colours(&mut self, look: &Look, frame: &FrameInput<'_>) {
        if self.base.frontal(look) {
            self.forward_at = look.tick.at;
        }
        if let Some(colour) = &frame.colour {
            self.colours.push(look.tick.at - self.since, colour);
        }
    }

    fn count(&mut self, look: &Look, met: bool, needed: u32) {
        if met {
            self.streak.push(*look);
            self.forward_at = look.tick.at;
        }
        let held = self.streak.len() >= needed as usize;
        if held && !self.still_growing(met, needed) {
            self.answered_now(look.tick.at);
        } else if !met {
            self.streak.clear();
        }
    }

    /// Whether a smile that was held long enough may still be read better in one of the next few frames. The smiling mouth is
    /// the mean of the newest frames: while it goes on growing, its first part looks like the whole way, and a natural smile
    /// like a cut. The best reading of this smile counts; a swapped picture reads as a cut in each.
    fn still_growing(&mut self, met: bool, needed: u32) -> bool {
        if self.challenge.steps().get(self.step) != Some(&Step::Smile) {
            return false;
        }
        let waited = self.streak.len() - needed as usize;
        if met {
            let neutral = self.base.happy.or_else(|| self.record.onset.least()).unwrap_or(0.0);
            let onset = self.record.onset.reading(neutral);
            self.onset = if waited == 0 { onset } else { better(self.onset, onset) };
        }
        let grown = matches!(self.onset, Reading::Value(value) if value >= SMILE_GROWN);
        met && !grown && waited < SMILE_MORE
    }

    /// The present stage is done.
    fn answered_now(&mut self, at: f64) {
        let turned = self.asked_turn().is_some();
        let step = self.challenge.steps().get(self.step).copied();
        if !self.returning && matches!(step, Some(Step::TurnLeft | Step::TurnRight | Step::Closer | Step::Back)) {
            let took = self.streak.first().map_or(0.0, |first| first.tick.at - self.since) as f32;
            self.reaction = Some(self.reaction.map_or(took, |least| least.min(took)));
        }
        match self.challenge.steps().get(self.step) {
            Some(Step::Neutral) if self.base.offset.is_none() => self.base.learn(&self.streak),
            Some(Step::Smile) => self.smiles.push(self.onset),
            _ => {}
        }
        if turned && !self.returning {
            self.returning = true;
        } else {
            if self.returning {
                self.record.end_turn(self.limits.depth_fps);
            }
            self.returning = false;
            self.step += 1;
        }
        self.base.asked_at = self.streak.last().map(|look| look.eyes).filter(|_| !turned || !self.returning);
        self.streak.clear();
        self.wrong_run = 0;
        self.since = at;
        self.forward_at = at;
        if self.step >= self.challenge.steps().len() {
            self.state = State::Finished;
        }
    }

    /// Counts clear turns that were not asked for. Not in the first step: people are still settling.
    fn watch_wrong(&mut self, step: Step, offset: f32) {
        let asked = step.turn_sign().is_some_and(|sign| offset * sign > 0.0);
        if self.step == 0 || self.returning || asked || offset.abs() < TURN {
            self.wrong_run = 0;
            return;
        }
        self.wrong_run += 1;
        if self.wrong_run == WRONG_FRAMES {
            self.wrong += 1;
            if self.wrong > MAX_WRONG {
                self.fail(Failure::WrongAnswer);
            }
        }
    }

    fn fail(&mut self, why: Failure) {
        self.state = State::Failed(why);
        self.hint = None;
    }

    /// Sign of the turn that is being asked for or returned from.
    fn asked_turn(&self) -> Option<f32> {
        self.challenge.steps().get(self.step).and_then(|step| step.turn_sign())
    }

    /// Frames of this stage may go into the probe when they are frontal.
    fn for_probe(&self) -> bool {
        self.returning || self.asked_turn().is_none()
    }

    fn answered(&self) -> Reading {
        let steps = self.challenge.steps().len().max(1);
        if self.record.clock.accepted == 0 {
            return Reading::NoEvidence(NoEvidence::TooFewFrames);
        }
        Reading::Value(self.step as f32 / steps as f32)
    }

    fn pose(&self) -> Reading {
        let asked = self.challenge.steps().iter().filter(|step| step.turn_sign().is_some()).count();
        let peaks: Vec<f32> = self.peaks.iter().copied().flatten().collect();
        match peaks.iter().copied().min_by(f32::total_cmp) {
            _ if asked == 0 => Reading::NoEvidence(NoEvidence::NotAsked),
            Some(least) if peaks.len() == asked => Reading::Value(least),
            _ => Reading::NoEvidence(NoEvidence::TooLittleMotion),
        }
    }

    fn smile(&self) -> Reading {
        let asked = self.challenge.steps().iter().filter(|&&step| step == Step::Smile).count();
        let values = self.smiles.iter().filter_map(|reading| match reading {
            Reading::Value(value) => Some(*value),
            Reading::NoEvidence(_) => None,
        });
        match values.min_by(f32::total_cmp) {
            _ if asked == 0 => Reading::NoEvidence(NoEvidence::NotAsked),
            Some(least) => Reading::Value(least),
            None => self.smiles.first().copied().unwrap_or(Reading::NoEvidence(NoEvidence::TooLittleMotion)),
        }
    }
}

/// The higher of two readings; a value before none.
fn better(a: Reading, b: Reading) -> Reading {
    match (a, b) {
        (Reading::Value(a), Reading::Value(b)) => Reading::Value(a.max(b)),
        (Reading::NoEvidence(_), b) => b,
        (a, Reading::NoEvidence(_)) => a,
    }
}
