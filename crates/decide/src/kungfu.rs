//! Kungfu: the thresholds of a tattoo or a pet, and the decision on one live capture of it. What it may pay alone is the step-up
//! table's ([`crate::rules`]): pocket money at low risk. It counts for no element of strong authentication, because whoever can
//! photograph the object can show the photograph.

use std::fmt;

use base::{Method, ObjectKind, Timestamp};
use serde::{Deserialize, Serialize};

use crate::attempt::Attempt;
use crate::kungfu_thresholds as measured;
use crate::liveness::ChallengeKind;
use crate::lock::LockState;
use crate::policy::{ordered, within};
use crate::signals::Signals;
use crate::tiers::PayerHistory;
use crate::{Binding, Decision, Policy, PolicyError, Reason};

/// What was measured of one photo of an object, as `kungfu` measures it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObjectPhoto {
    /// Of the framed object; larger is sharper.
    pub sharpness: f32,
    /// Mean grey level, 0..=255.
    pub brightness: f32,
    /// Share of burnt-out pixels, 0..=1.
    pub glare: f32,
    /// Local features found in the frame.
    pub features: u32,
    /// How widely they are spread over it, 0..=1.
    pub spread: f32,
    /// Share of pixels with the colour of skin, 0..=1.
    pub skin: f32,
    /// Probability that the picture shows a dog or a cat, 0..=1; 0 where nobody looked.
    pub pet: f32,
    /// Score of the surest face of a person in it, 0..=1; 0 where there is none or nobody looked.
    pub face: f32,
    /// How far a pattern that repeats itself rises above the rest of the spectrum, decibels; 0 where nobody could look.
    pub lattice: f32,
}

/// How alike an object's template and the shown photos are; the unit is the kind's own. It never leaves the process: its `Debug`
/// hides the number.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct ObjectScore(f32);

impl ObjectScore {
    /// `None` for NaN and infinities.
    pub fn new(value: f32) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }

    pub const fn get(self) -> f32 {
        self.0
    }
}

impl fmt::Debug for ObjectScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObjectScore(hidden)")
    }
}

/// One comparison of shown photos with a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObjectMatch {
    pub score: ObjectScore,
    /// Photos in the template.
    pub photos: u8,
}

/// A step of a challenge: how the camera has to move around the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectStep {
    Closer,
    Back,
    FromLeft,
    FromRight,
}

impl ObjectStep {
    /// Every step.
    pub const ALL: [Self; 4] = [Self::Closer, Self::Back, Self::FromLeft, Self::FromRight];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closer => "closer",
            Self::Back => "back",
            Self::FromLeft => "from_left",
            Self::FromRight => "from_right",
        }
    }
}

/// How the view changed between two photos of one object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObjectMotion {
    /// Size now over size then.
    pub scale: f32,
    /// How far the view went around the object: negative when it is now seen from its left (as the camera sees it), positive
    /// from its right.
    pub aside: f32,
}

impl ObjectMotion {
    /// Nothing moved.
    pub const NONE: Self = Self { scale: 1.0, aside: 0.0 };
}

/// What a motion says about the step that was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepProgress {
    /// It was done.
    Done,
    /// This much of it, 0..1.
    Under(f32),
    /// Clearly something else was done.
    Other,
}

/// What a live capture showed of its challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepsShown {
    pub asked: u8,
    pub answered: u8,
    /// Something else than asked was done.
    pub other: bool,
}

/// One attempt to pay with an object. `None` anywhere means that it could not be measured, which never counts as good.
#[derive(Clone, Debug)]
pub struct KungfuCase {
    pub binding: Binding,
    pub challenge: ChallengeKind,
    pub kind: ObjectKind,
    /// The best photo of the capture.
    pub photo: Option<ObjectPhoto>,
    /// The middle one of the kept photos' [`ObjectPhoto::lattice`].
    pub lattice: f32,
    pub matched: Option<ObjectMatch>,
    pub steps: StepsShown,
    /// Share of the frames that an earlier capture of this account showed already, 0..=1.
    pub seen_before: Option<f32>,
    /// What speaks of injected pictures.
    pub signals: Signals,
    pub history: PayerHistory,
    /// Failures of this device on this account.
    pub lock: LockState,
    /// Captures still allowed for this payment after this one; 0 turns *retake* into *deny*.
    pub tries_left: u32,
    /// Methods proven before for this same payment, a few minutes ago at most.
    pub earlier: Vec<Method>,
}

impl KungfuCase {
    const fn attempt(&self, signals: Signals) -> Attempt<'_> {
        Attempt {
            binding: &self.binding,
            challenge: self.challenge,
            signals,
            history: self.history,
            lock: self.lock,
            tries_left: self.tries_left,
            earlier: self.earlier.as_slice(),
        }
    }
}

/// Thresholds of one kind of object on `kungfu`'s likeness.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectThresholds {
    /// The shown object is the enrolled one.
    pub match_from: f32,
    /// Between this and `match_from` a second factor is asked instead of refusing.
    pub grey_from: f32,
    /// The least fitting photo of an enrolment to the best of the others: all of them show one object.
    pub agree_from: f32,
    /// Two templates show one object: nobody enrols what another account has. Far above `match_from`, because a new object is
    /// compared with every other account's.
    pub same_from: f32,
}

/// Photos, likeness and motion. What the numbers buy and on which photos: `kungfu_thresholds.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KungfuPolicy {
    pub tattoo: ObjectThresholds,
    pub pet: ObjectThresholds,
    /// A template of fewer photos never pays alone.
    pub min_photos: u8,
    /// Sharpness below which a photo is blurred: hint, and no photo.
    pub sharp_from: f32,
    /// Mean grey level below which it is too dark.
    pub bright_from: f32,
    /// Mean grey level above which it is too bright.
    pub bright_to: f32,
    /// Share of burnt-out pixels above which it glares.
    pub glare_to: f32,
    /// Local features that a tattoo must have to be enrolled: fewer are not distinctive.
    pub features_from: u32,
    /// How widely they must be spread.
    pub spread_from: f32,
    /// Share of skin around a tattoo: a page of print has none.
    pub skin_from: f32,
    /// Probability of a dog or a cat below which a photo is of no pet.
    pub pet_from: f32,
    /// Score of the surest face above which a photo shows a person, not a tattoo.
    pub face_to: f32,
    /// Growth that answers "come closer"; its inverse answers "move back". Smaller than a hand's tremor over a second is noise.
    pub scale_from: f32,
    /// How far around the object answers "from the left".
    pub aside_from: f32,
    /// A larger share of frames seen before is a replay: refuse.
    pub seen_before_to: f32,
    /// Decibels above which a repeated pattern speaks of a display or a halftone: the risk rises.
    pub lattice_to: f32,
}

impl Default for KungfuPolicy {
    fn default() -> Self {
        Self {
            tattoo: ObjectThresholds {
                match_from: measured::TATTOO_MATCH_FROM,
                grey_from: measured::TATTOO_GREY_FROM,
                agree_from: measured::TATTOO_AGREE_FROM,
                same_from: measured::TATTOO_SAME_FROM,
            },
            pet: ObjectThresholds {
                match_from: measured::PET_MATCH_FROM,
                grey_from: measured::PET_GREY_FROM,
                agree_from: measured::PET_AGREE_FROM,
                same_from: measured::PET_SAME_FROM,
            },
            min_photos: 3,
            sharp_from: measured::SHARP_FROM,
            bright_from: measured::BRIGHT_FROM,
            bright_to: measured::BRIGHT_TO,
            glare_to: measured::GLARE_TO,
            features_from: measured::FEATURES_FROM,
            spread_from: measured::SPREAD_FROM,
            skin_from: measured::SKIN_FROM,
            pet_from: measured::PET_FROM,
            face_to: measured::FACE_TO,
            scale_from: 1.25,
            aside_from: 0.15,
            seen_before_to: 0.45,
            lattice_to: measured::LATTICE_TO,
        }
    }
}

/// What a photo lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoFault {
    Blurred,
    TooDark,
    TooBright,
    Glare,
    /// Too few features, or all in one place.
    NotDistinct,
    /// No dog and no cat.
    NoPet,
    /// A person's face, which is no tattoo.
    Face,
}

impl KungfuPolicy {
    pub const fn of(&self, kind: ObjectKind) -> &ObjectThresholds {
        match kind {
            ObjectKind::Tattoo => &self.tattoo,
            ObjectKind::Pet => &self.pet,
        }
    }

    /// What is wrong with a photo, to enrol or to pay; `Ok` when nothing is.
    ///
    /// # Errors
    /// The first fault. What is not a number is a fault.
    pub fn judge_photo(&self, kind: ObjectKind, photo: &ObjectPhoto) -> Result<(), PhotoFault> {
        let within = |value: f32, from: f32, to: f32| value >= from && value <= to;
        match photo {
            p if !within(p.brightness, self.bright_from, f32::MAX) => Err(PhotoFault::TooDark),
            p if !within(p.brightness, 0.0, self.bright_to) => Err(PhotoFault::TooBright),
            p if !within(p.glare, 0.0, self.glare_to) => Err(PhotoFault::Glare),
            p if !within(p.sharpness, self.sharp_from, f32::MAX) => Err(PhotoFault::Blurred),
            p => self.judge_subject(kind, p),
        }
    }

    fn judge_subject(&self, kind: ObjectKind, photo: &ObjectPhoto) -> Result<(), PhotoFault> {
        let distinct =
            photo.features >= self.features_from && photo.spread >= self.spread_from && photo.skin >= self.skin_from;
        match kind {
            ObjectKind::Tattoo if photo.face.is_nan() || photo.face > self.face_to => Err(PhotoFault::Face),
            ObjectKind::Tattoo if !distinct => Err(PhotoFault::NotDistinct),
            ObjectKind::Pet if photo.pet.is_nan() || photo.pet < self.pet_from => Err(PhotoFault::NoPet),
            ObjectKind::Tattoo | ObjectKind::Pet => Ok(()),
        }
    }

    /// Whether the photos of one enrolment, whose smallest likeness is this, show one object.
    pub fn one_object(&self, kind: ObjectKind, smallest: ObjectScore) -> bool {
        smallest.get() >= self.of(kind).agree_from
    }

    /// Whether two accounts' templates show one object.
    pub fn same_object(&self, kind: ObjectKind, likeness: ObjectScore) -> bool {
        likeness.get() >= self.of(kind).same_from
    }

    /// Whether a comparison is good enough by itself, whatever else speaks.
    pub fn accepts(&self, kind: ObjectKind, likeness: ObjectScore) -> bool {
        likeness.get() >= self.of(kind).match_from
    }

    /// Whether so many frames were seen before that it is a replay.
    pub fn is_replay(&self, seen_before: f32) -> bool {
        seen_before > self.seen_before_to
    }

    /// Whether the pictures repeat themselves as those of a display do. What could not be measured says nothing.
    pub fn is_patterned(&self, lattice: f32) -> bool {
        lattice > self.lattice_to
    }

    /// What the view says about a step. Both motions are from the first straight photo: to now, and to the moment when the step
    /// was asked for (whoever still stands where the step before led did nothing wrong).
    pub fn progress(&self, step: ObjectStep, now: &ObjectMotion, asked: &ObjectMotion) -> StepProgress {
        let (Some((done, across)), Some((done_then, across_then))) =
            (self.amounts(step, now), self.amounts(step, asked))
        else {
            return StepProgress::Under(0.0);
        };
        if done >= 1.0 {
            StepProgress::Done
        } else if done <= done_then.min(0.0) - 1.0 || (across >= across_then + OTHER_WAY && done < 0.5) {
            StepProgress::Other
        } else {
            StepProgress::Under(done.clamp(0.0, 1.0))
        }
    }

    /// How much of the step a motion is (1: enough of it), and how much it goes another way.
    fn amounts(&self, step: ObjectStep, motion: &ObjectMotion) -> Option<(f32, f32)> {
        if !motion.scale.is_finite() || motion.scale <= 0.0 || !motion.aside.is_finite() {
            return None;
        }
        let near = motion.scale.ln() / self.scale_from.ln();
        let right = motion.aside / self.aside_from;
        Some(match step {
            ObjectStep::Closer => (near, right.abs()),
            ObjectStep::Back => (-near, right.abs()),
            ObjectStep::FromLeft => (-right, near.abs()),
            ObjectStep::FromRight => (right, near.abs()),
        })
    }

    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        for (name, t) in [("kungfu.tattoo", &self.tattoo), ("kungfu.pet", &self.pet)] {
            let finite = t.grey_from.is_finite()
                && t.match_from.is_finite()
                && t.agree_from.is_finite()
                && t.same_from.is_finite();
            finite.then_some(()).ok_or(PolicyError::OutOfRange { name, low: "any number", high: "any number" })?;
            ordered((name, t.grey_from), (name, t.match_from))?;
            ordered((name, t.match_from), (name, t.same_from))?;
        }
        within("kungfu.min_photos", f32::from(self.min_photos), (1.0, "1"), (16.0, "16"))?;
        within("kungfu.glare_to", self.glare_to, (0.0, "0"), (1.0, "1"))?;
        within("kungfu.spread_from", self.spread_from, (0.0, "0"), (1.0, "1"))?;
        within("kungfu.skin_from", self.skin_from, (0.0, "0"), (1.0, "1"))?;
        within("kungfu.face_to", self.face_to, (0.5, "0.5"), (1.0, "1"))?;
        within("kungfu.pet_from", self.pet_from, (0.05, "0.05"), (1.0, "1"))?;
        within("kungfu.scale_from", self.scale_from, (1.1, "1.1"), (3.0, "3"))?;
        within("kungfu.aside_from", self.aside_from, (0.01, "0.01"), (1.0, "1"))?;
        within("kungfu.lattice_to", self.lattice_to, (1.0, "1"), (100.0, "100"))?;
        within("kungfu.seen_before_to", self.seen_before_to, (0.05, "0.05"), (0.9, "0.9"))?;
        ordered(("kungfu.bright_from", self.bright_from), ("kungfu.bright_to", self.bright_to))
    }
}

/// So many times the asked amount another way is another answer: a phone that comes closer also swings a little.
const OTHER_WAY: f32 = 2.0;

/// Judges a capture of an object. Pure: the same case, policy and time give the same decision.
pub fn decide_kungfu(case: &KungfuCase, policy: &Policy, now: Timestamp) -> Decision {
    let kungfu = &policy.kungfu;
    let signals = Signals { screen: kungfu.is_patterned(case.lattice), ..case.signals };
    let attempt = case.attempt(signals);
    let mut reasons = attempt.judge(policy.mode, now);
    reasons.extend(match case.photo.map(|p| kungfu.judge_photo(case.kind, &p)) {
        None => Some(Reason::NoEvidence),
        Some(judged) => judged.is_err().then_some(Reason::PhotoUnclear),
    });
    reasons.push(judge_match(case, kungfu));
    reasons.extend(signals.reasons());
    if case.matched.is_some_and(|m| m.photos < kungfu.min_photos) {
        reasons.push(Reason::TooFewViews);
    }
    if case.steps.other || case.steps.asked == 0 || case.steps.answered < case.steps.asked {
        reasons.push(Reason::StepsIncomplete);
    }
    reasons.extend(match case.seen_before {
        None => Some(Reason::NoEvidence),
        Some(share) => (!share.is_finite() || kungfu.is_replay(share)).then_some(Reason::ReplayedFrames),
    });
    let sure = reasons.contains(&Reason::ObjectMatches) && !reasons.contains(&Reason::TooFewViews);
    attempt.close(reasons, sure.then_some(Method::Kungfu), policy, now)
}

fn judge_match(case: &KungfuCase, policy: &KungfuPolicy) -> Reason {
    let Some(matched) = case.matched else { return Reason::NoProbe };
    let thresholds = policy.of(case.kind);
    match matched.score.get() {
        score if score >= thresholds.match_from => Reason::ObjectMatches,
        score if score >= thresholds.grey_from => Reason::ObjectUncertain,
        _ => Reason::ObjectDiffers,
    }
}
