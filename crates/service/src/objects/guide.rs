//! What the camera is asked to do next, by what was seen so far: once to enrol, once to pay. Pure.

use base::ObjectKind;
use decide::{KungfuPolicy, ObjectMotion, ObjectPhoto, ObjectStep, PhotoFault, StepProgress, StepsShown};
use kungfu::{Seen, motion_between};
use liveness::Failure;

use super::look::{Look, motion};
use super::steps::{Answer, Asked, still};

/// Straight photos before the first step.
const SHOWN: usize = 2;
/// The second one is at least so much later, ms.
const SHOWN_APART_MS: f64 = 250.0;
/// Straight photos that are taken again because the hand still moves; then they are taken as they are.
const UNSTILL: u8 = 8;
/// A step that was not done after this long ends the capture, ms.
const STEP_MS: f64 = 15_000.0;

/// Photos of a template: straight, nearer, and from both sides.
const VIEWS: [Option<ObjectStep>; 4] =
    [None, Some(ObjectStep::Closer), Some(ObjectStep::FromLeft), Some(ObjectStep::FromRight)];
/// A photo is taken no sooner after it was asked for, ms: the hand needs time.
const VIEW_FROM_MS: f64 = 700.0;
/// An animal that looks away moves more than the camera: after this long its photo is taken as it is, ms.
const VIEW_ANYWAY_MS: f64 = 3_000.0;
/// Share of a payment's step that makes another view.
const VIEW_SHARE: f32 = 0.5;
/// A photo that is not to be had ends an enrolment after this long, ms.
const VIEW_MS: f64 = 15_000.0;

/// What the client is to be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Told {
    /// `None`: straight before the camera.
    pub step: Option<ObjectStep>,
    /// 0..=1, of everything.
    pub progress: f32,
    pub hint: Option<Hint>,
    /// Photos kept and wanted, in an enrolment.
    pub kept: Option<(usize, usize)>,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Running,
    Finished,
    Failed(Failure),
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Fault(PhotoFault),
    /// The object is not recognised from one frame to the next.
    Lost,
}

/// Something that takes frames until it has what it wants.
pub(super) trait Guide: Send + 'static {
    fn push(&mut self, look: Look) -> Told;
    fn now(&self) -> Told;
}

/// How the view changed, or that it cannot be told.
fn moved(from: Option<&Seen>, to: &Seen) -> Option<ObjectMotion> {
    motion_between(from?, to).as_ref().map(motion)
}

/// Where the client's clock stands.
#[derive(Default)]
struct Clock {
    last_ms: Option<f64>,
    asked_ms: Option<f64>,
}

impl Clock {
    /// Ms since the present step was asked for; `None` for a clock that runs backwards.
    fn tick(&mut self, at_ms: f64) -> Option<f64> {
        let forward = self.last_ms.is_none_or(|last| at_ms >= last);
        self.last_ms = Some(at_ms);
        forward.then(|| at_ms - *self.asked_ms.get_or_insert(at_ms))
    }

    fn ask(&mut self) {
        self.asked_ms = self.last_ms;
    }
}

/// A payment's capture: straight, then each drawn step.
pub(super) struct PayGuide {
    policy: KungfuPolicy,
    kind: ObjectKind,
    steps: Vec<ObjectStep>,
    answered: usize,
    clock: Clock,
    kept: Vec<(Seen, ObjectPhoto)>,
    fingerprints: Vec<u64>,
    unstill: u8,
    /// The present step.
    asked: Option<Asked>,
    /// Something else was done.
    other: bool,
    told: Told,
}

/// What a payment's capture showed.
pub(super) struct Shown {
    pub probe: Vec<Seen>,
    /// The sharpest straight photo.
    pub photo: Option<ObjectPhoto>,
    /// Of the photos' patterns the middle one: more than half of them have it.
    pub lattice: f32,
    pub steps: StepsShown,
    pub fingerprints: Vec<u64>,
}

impl PayGuide {
    pub fn new(policy: KungfuPolicy, kind: ObjectKind, steps: Vec<ObjectStep>) -> Self {
        let told = Told { step: None, progress: 0.0, hint: None, kept: None, state: State::Running };
        let (clock, kept, fingerprints) = (Clock::default(), Vec::new(), Vec::new());
        Self {
            policy,
            kind,
            steps,
            answered: 0,
            clock,
            kept,
            fingerprints,
            unstill: 0,
            asked: None,
            other: false,
            told,
        }
    }

    pub fn finish(self) -> Shown {
        let straight = self.kept.iter().take(SHOWN).map(|(_, photo)| *photo);
        let sharpest = straight.max_by(|a, b| a.sharpness.total_cmp(&b.sharpness));
        let mut lattices: Vec<f32> = self.kept.iter().map(|(_, photo)| photo.lattice).collect();
        lattices.sort_by(f32::total_cmp);
        let count = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        // A pet is known by the whole of it: a step's frame cuts it off or shows it small, and would pull the mean down.
        let probing = match self.kind {
            ObjectKind::Tattoo => self.kept.len(),
            ObjectKind::Pet => SHOWN,
        };
        Shown {
            photo: sharpest,
            lattice: lattices.get(lattices.len().saturating_sub(1) / 2).copied().unwrap_or(0.0),
            probe: self.kept.into_iter().take(probing).map(|(seen, _)| seen).collect(),
            steps: StepsShown { asked: count(self.steps.len()), answered: count(self.answered), other: self.other },
            fingerprints: self.fingerprints,
        }
    }

    fn show(&mut self, look: Look, waited: f64, fault: Option<PhotoFault>) {
        if fault.is_some() || (!self.kept.is_empty() && waited < SHOWN_APART_MS) {
            return;
        }
        let at_ms = look.at_ms;
        let since_last = moved(self.kept.first().map(|(seen, _)| seen), &look.seen);
        // Whoever still comes nearer would answer a step before it is asked for, or its opposite.
        if self.unstill < UNSTILL && since_last.is_some_and(|motion| !still(&self.policy, &motion)) {
            self.unstill += 1;
            self.kept.clear();
        }
        self.kept.push((look.seen, look.photo));
        if self.kept.len() >= SHOWN {
            self.ask(at_ms);
        }
        self.clock.ask();
    }

    /// The next step; without one it is over.
    fn ask(&mut self, at_ms: f64) {
        let before = self.answered.checked_sub(1).and_then(|i| self.steps.get(i)).copied();
        match self.steps.get(self.answered) {
            Some(next) => {
                self.told.step = Some(*next);
                self.asked = Some(Asked::new(*next, before, at_ms));
            }
            None => self.told.state = State::Finished,
        }
    }

    fn step(&mut self, look: Look, fault: Option<PhotoFault>) {
        // Everything is measured from the last straight photo.
        let straight = self.kept.get(SHOWN - 1).map(|(seen, _)| seen);
        let (Some(asked), Some(motion)) = (self.asked.as_mut(), moved(straight, &look.seen)) else {
            self.told.hint = self.told.hint.or(Some(Hint::Lost));
            return;
        };
        let at_ms = look.at_ms;
        match asked.see(&self.policy, &motion, at_ms) {
            Answer::Done if fault.is_none() => {
                self.kept.push((look.seen, look.photo));
                self.answered += 1;
                self.told.progress = self.share(0.0);
                self.ask(at_ms);
                self.clock.ask();
            }
            Answer::Done => {}
            Answer::Under(share) => self.told.progress = self.share(share),
            Answer::Wrong => {
                self.other = true;
                self.told.state = State::Failed(Failure::WrongAnswer);
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
    fn share(&self, of_this: f32) -> f32 {
        let done = self.kept.len().min(SHOWN) + self.answered;
        (done as f32 + of_this) / (SHOWN + self.steps.len()) as f32
    }
}

impl Guide for PayGuide {
    fn push(&mut self, look: Look) -> Told {
        if self.told.state != State::Running {
            return self.told;
        }
        self.fingerprints.push(look.fingerprint);
        let Some(waited) = self.clock.tick(look.at_ms) else {
            self.told.state = State::Failed(Failure::BadClock);
            return self.told;
        };
        let fault = self.policy.judge_photo(self.kind, &look.photo).err();
        // What is seen from afar or from the side shows less; that it is still the same is told by its motion.
        let less = |fault: &PhotoFault| matches!(fault, PhotoFault::NotDistinct | PhotoFault::NoPet);
        let fault = fault.filter(|fault| self.told.step.is_none() || !less(fault));
        self.told.hint = fault.map(Hint::Fault);
        self.told.progress = self.share(0.0);
        match self.told.step {
            None => self.show(look, waited, fault),
            Some(_) => self.step(look, fault),
        }
        if waited > STEP_MS && self.told.state == State::Running {
            self.told.state = State::Failed(Failure::StepTimedOut);
        }
        self.told
    }

    fn now(&self) -> Told {
        self.told
    }
}

/// An enrolment's capture: a photo of each view, then one more to try them on.
pub(super) struct EnrolGuide {
    policy: KungfuPolicy,
    kind: ObjectKind,
    clock: Clock,
    kept: Vec<Seen>,
    fingerprints: Vec<u64>,
    told: Told,
}

/// What an enrolment's capture showed.
pub(super) struct Collected {
    pub photos: Vec<Seen>,
    /// Taken after them, of the same thing: the template must recognise it.
    pub trial: Option<Seen>,
    pub fingerprints: Vec<u64>,
    /// What was wrong last.
    pub hint: Option<Hint>,
}

impl EnrolGuide {
    pub fn new(policy: KungfuPolicy, kind: ObjectKind) -> Self {
        let kept = Some((0, VIEWS.len() + 1));
        let told = Told { step: None, progress: 0.0, hint: None, kept, state: State::Running };
        Self { policy, kind, clock: Clock::default(), kept: Vec::new(), fingerprints: Vec::new(), told }
    }

    pub fn finish(mut self) -> Collected {
        let trial = if self.kept.len() > VIEWS.len() { self.kept.pop() } else { None };
        Collected { photos: self.kept, trial, fingerprints: self.fingerprints, hint: self.told.hint }
    }

    /// Whether this frame is the view that is asked for.
    fn fits(&mut self, look: &Look, waited: f64) -> bool {
        if self.kept.is_empty() {
            return true;
        }
        let motion = moved(self.kept.first(), &look.seen);
        if motion.is_none() && self.kind == ObjectKind::Tattoo {
            // A drawing does not move by itself: what is not recognised is not the same one.
            self.told.hint = Some(Hint::Lost);
            return false;
        }
        let there = match (self.told.step, motion) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(step), Some(motion)) => match self.policy.progress(step, &motion, &ObjectMotion::NONE) {
                StepProgress::Done => true,
                StepProgress::Under(share) => share >= VIEW_SHARE,
                StepProgress::Other => false,
            },
        };
        waited >= VIEW_FROM_MS && (there || waited >= VIEW_ANYWAY_MS)
    }
}

impl Guide for EnrolGuide {
    #[expect(clippy::cast_precision_loss, reason = "a handful of photos")]
    fn push(&mut self, look: Look) -> Told {
        if self.told.state != State::Running {
            return self.told;
        }
        self.fingerprints.push(look.fingerprint);
        let Some(waited) = self.clock.tick(look.at_ms) else {
            self.told.state = State::Failed(Failure::BadClock);
            return self.told;
        };
        let fault = self.policy.judge_photo(self.kind, &look.photo).err();
        self.told.hint = fault.map(Hint::Fault);
        if fault.is_none() && self.fits(&look, waited) {
            self.kept.push(look.seen);
            let of = VIEWS.len() + 1;
            self.told.kept = Some((self.kept.len(), of));
            self.told.progress = self.kept.len() as f32 / of as f32;
            self.told.step = VIEWS.get(self.kept.len()).copied().flatten();
            if self.kept.len() == of {
                self.told.state = State::Finished;
            }
            self.clock.ask();
        } else if waited > VIEW_MS {
            self.told.state = State::Failed(Failure::StepTimedOut);
        }
        self.told
    }

    fn now(&self) -> Told {
        self.told
    }
}
