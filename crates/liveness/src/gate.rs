//! When is a step answered? The motion gates, each frame on its own; sessions count how many frames in a row pass.

use crate::challenge::Step;
use crate::colours::STEP_MS;
use crate::frame::Hint;
use crate::limits::{
    BACK, CLOSER, FIRST_FRONTAL, FRONTAL, NARROWING, NEUTRAL_FRAMES, NEUTRAL_HAPPY, RESTING_AFTER_MS, RESTING_HAPPY,
    SMILE_FRAMES, SMILE_HAPPY, SMILE_RISE, STILL, STILL_FRAMES, STRAIGHT, TURN, TURN_FRAMES, TURNED_EYES,
};
use crate::look::Look;

/// What this payer looks like at rest, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Baseline {
    pub(crate) offset: Option<f32>,
    pub(crate) happy: Option<f32>,
    /// Eye distance in picture pixels, as it is when the payer looks at the camera.
    pub(crate) eyes: Option<f32>,
    /// Eye distance of the last frontal frame before the present step was asked for.
    pub(crate) asked_at: Option<f32>,
}

impl Baseline {
    /// Nose offset relative to this payer's neutral one.
    pub(crate) fn relative(&self, offset: f32) -> f32 {
        offset - self.offset.unwrap_or(0.0)
    }

    /// Medians over the frames that answered the first neutral step.
    pub(crate) fn learn(&mut self, looks: &[Look]) {
        self.offset = median(looks.iter().map(|look| look.offset));
        self.happy = median(looks.iter().filter_map(|look| look.happy));
        self.eyes = median(looks.iter().map(|look| look.eyes));
    }

    /// Follows the eye distance of a payer who comes closer or moves back: a turned head is measured by the newest frontal
    /// one. It may shrink only slowly, and only while the nose is in the middle, so that a picture cannot be tilted bit by bit.
    pub(crate) fn follow(&mut self, look: &Look) {
        if self.relative(look.offset).abs() <= STRAIGHT
            && let Some(eyes) = &mut self.eyes
        {
            *eyes = look.eyes.max(*eyes * NARROWING);
        }
    }

    /// Whether the eyes are as far apart as a turned head leaves them; a picture tilted to the same nose offset is narrower.
    pub(crate) fn wide_enough(&self, look: &Look) -> bool {
        self.eyes.is_none_or(|eyes| look.eyes >= eyes * TURNED_EYES)
    }

    pub(crate) fn frontal(&self, look: &Look) -> bool {
        let limit = if self.offset.is_some() { FRONTAL } else { FIRST_FRONTAL };
        self.relative(look.offset).abs() <= limit
    }
}

/// Frames in a row that answer `step`.
pub(crate) const fn frames_needed(step: Step) -> u32 {
    match step {
        Step::Neutral => NEUTRAL_FRAMES,
        Step::Smile => SMILE_FRAMES,
        Step::TurnLeft | Step::TurnRight | Step::Closer | Step::Back => TURN_FRAMES,
        Step::HoldStill => STILL_FRAMES,
        Step::Colours => 1,
    }
}

/// Whether this frame answers `step`, `waited` ms after it was asked; if not, what to do.
pub(crate) fn answers(
    step: Step,
    look: &Look,
    before: Option<&Look>,
    base: &Baseline,
    waited: f64,
) -> Result<(), Hint> {
    match step {
        Step::Closer | Step::Back | Step::HoldStill | Step::Colours if !base.frontal(look) => Err(Hint::LookAtCamera),
        Step::Closer if look.eyes >= base.asked_at.unwrap_or(look.eyes) * CLOSER => Ok(()),
        Step::Closer => Err(Hint::ComeCloser),
        Step::Back if look.eyes <= base.asked_at.unwrap_or(look.eyes) * BACK => Ok(()),
        Step::Back => Err(Hint::MoveBack),
        Step::HoldStill if before.is_some_and(|before| look.moved_since(before) <= STILL) => Ok(()),
        Step::HoldStill => Err(Hint::HoldStill),
        Step::Colours if waited >= STEP_MS => Ok(()),
        Step::Colours => Err(Hint::HoldStill),
        Step::Neutral => neutral(look, base, waited),
        Step::Smile => smile(look, base),
        Step::TurnLeft | Step::TurnRight if !base.wide_enough(look) => Err(Hint::TurnBack),
        Step::TurnLeft => turn(base.relative(look.offset)),
        Step::TurnRight => turn(-base.relative(look.offset)),
    }
}

fn neutral(look: &Look, base: &Baseline, waited: f64) -> Result<(), Hint> {
    if !base.frontal(look) {
        return Err(Hint::LookAtCamera);
    }
    let relaxed = match base.happy {
        Some(happy) => NEUTRAL_HAPPY.max(happy + 0.15),
        None if waited >= RESTING_AFTER_MS => RESTING_HAPPY,
        None => NEUTRAL_HAPPY,
    };
    // Without a happy score a frame cannot be called neutral; the caller left it out, the next one will have it.
    if look.happy.is_some_and(|happy| happy <= relaxed) { Ok(()) } else { Err(Hint::RelaxFace) }
}

fn smile(look: &Look, base: &Baseline) -> Result<(), Hint> {
    if !base.frontal(look) {
        return Err(Hint::LookAtCamera);
    }
    let wanted = SMILE_HAPPY.max((base.happy.unwrap_or(0.0) + SMILE_RISE).min(0.95));
    if look.happy.is_some_and(|happy| happy >= wanted) { Ok(()) } else { Err(Hint::SmileMore) }
}

/// `toward` is the relative nose offset, positive on the asked side.
fn turn(toward: f32) -> Result<(), Hint> {
    if toward >= TURN {
        Ok(())
    } else if toward <= -FRONTAL {
        Err(Hint::OtherSide)
    } else {
        Err(Hint::TurnMore)
    }
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut sorted: Vec<f32> = values.collect();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}
