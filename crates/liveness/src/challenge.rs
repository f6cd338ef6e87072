//! Which steps a payer is asked for.

use serde::{Deserialize, Serialize};

use crate::limits::MAX_STEPS;

/// Something the payer is asked to do. Left and right are the payer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Look at the camera with a relaxed face.
    Neutral,
    Smile,
    /// Turn the head to the payer's own left (nose to picture right in an unmirrored picture).
    TurnLeft,
    TurnRight,
    /// Come closer: the eyes are a sixth farther apart than when it was asked.
    Closer,
    /// Move back: they are a seventh nearer.
    Back,
    /// Look at the camera and do not move for half a second.
    HoldStill,
}

impl Step {
    pub const ALL: [Step; 7] =
        [Step::Neutral, Step::Smile, Step::TurnLeft, Step::TurnRight, Step::Closer, Step::Back, Step::HoldStill];

    /// Name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Step::Neutral => "neutral",
            Step::Smile => "smile",
            Step::TurnLeft => "turn_left",
            Step::TurnRight => "turn_right",
            Step::Closer => "closer",
            Step::Back => "back",
            Step::HoldStill => "hold_still",
        }
    }

    /// Sign of the nose offset that answers this step; `None` when it is not a turn.
    pub const fn turn_sign(self) -> Option<f32> {
        match self {
            Step::TurnLeft => Some(1.0),
            Step::TurnRight => Some(-1.0),
            Step::Neutral | Step::Smile | Step::Closer | Step::Back | Step::HoldStill => None,
        }
    }
}

/// Why steps cannot be pinned.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChallengeError {
    #[error("a challenge needs at least one step: give for example neutral,smile")]
    Empty,
    #[error("a challenge may hold at most {MAX_STEPS} steps, {0} were given: leave some out")]
    TooLong(usize),
}

/// Steps in the order in which they have to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Step>", into = "Vec<Step>")]
pub struct Challenge {
    steps: Vec<Step>,
}

impl Challenge {
    /// Draws a challenge: neutral first (it sets this payer's baseline), then four steps in any order: the smile once, both
    /// turns, and one more turn or neutral; never the same step twice in a row.
    ///
    /// There are 30 such challenges, drawn uniformly: 4.9 bits. A recording of one answer fits a fresh challenge once in 30.
    pub fn draw(random: &mut impl FnMut() -> u32) -> Self {
        let all = drawable();
        let count = u32::try_from(all.len()).unwrap_or(1).max(1);
        // 2^32 modulo 30 leaves a bias below 1e-8.
        let pick = usize::try_from(random() % count).unwrap_or(0);
        let tail = all.get(pick).copied().unwrap_or([Step::Smile, Step::TurnLeft, Step::TurnRight, Step::Neutral]);
        let mut steps = vec![Step::Neutral];
        steps.extend(tail);
        Self { steps }
    }

    /// A fixed challenge, for test mode only.
    ///
    /// # Errors
    /// No step, or more than [`MAX_STEPS`].
    pub fn pinned(steps: &[Step]) -> Result<Self, ChallengeError> {
        if steps.is_empty() {
            return Err(ChallengeError::Empty);
        }
        if steps.len() > MAX_STEPS {
            return Err(ChallengeError::TooLong(steps.len()));
        }
        Ok(Self { steps: steps.to_vec() })
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl TryFrom<Vec<Step>> for Challenge {
    type Error = ChallengeError;

    fn try_from(steps: Vec<Step>) -> Result<Self, ChallengeError> {
        Self::pinned(&steps)
    }
}

impl From<Challenge> for Vec<Step> {
    fn from(challenge: Challenge) -> Self {
        challenge.steps
    }
}

/// Steps that are drawn; the others are asked for only when pinned, until payments with them are measured.
const DRAWN: [Step; 4] = [Step::Neutral, Step::Smile, Step::TurnLeft, Step::TurnRight];

/// Every tail that [`Challenge::draw`] may draw.
fn drawable() -> Vec<[Step; 4]> {
    let mut all = Vec::new();
    for a in DRAWN {
        for b in DRAWN {
            for c in DRAWN {
                for d in DRAWN {
                    let tail = [a, b, c, d];
                    if is_drawable(&tail) {
                        all.push(tail);
                    }
                }
            }
        }
    }
    all
}

fn is_drawable(tail: &[Step; 4]) -> bool {
    let holds = |step| tail.contains(&step);
    let smiles = tail.iter().filter(|&&step| step == Step::Smile).count();
    let repeats = tail.windows(2).any(|w| w.first() == w.last());
    smiles == 1 && holds(Step::TurnLeft) && holds(Step::TurnRight) && !repeats && tail.first() != Some(&Step::Neutral)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_drawable_challenge_is_drawn_about_equally_often() {
        assert_eq!(drawable().len(), 30);
        let mut state = 7u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 32) as u32
        };
        let mut counts = std::collections::HashMap::new();
        for _ in 0..3_000 {
            let challenge = Challenge::draw(&mut random);
            assert_eq!(challenge.steps()[0], Step::Neutral);
            *counts.entry(challenge.steps().to_vec()).or_insert(0u32) += 1;
        }
        assert_eq!(counts.len(), 30);
        assert!(counts.values().all(|&n| (50..=160).contains(&n)), "{counts:?}");
        let kinds: HashSet<Step> = counts.keys().flatten().copied().collect();
        assert_eq!(kinds.len(), 4);
    }

    #[test]
    fn pinned_steps_are_bounded() {
        assert_eq!(Challenge::pinned(&[]), Err(ChallengeError::Empty));
        assert_eq!(Challenge::pinned(&[Step::Smile; 9]), Err(ChallengeError::TooLong(9)));
        assert_eq!(Challenge::pinned(&[Step::Neutral, Step::Smile]).unwrap().steps().len(), 2);
    }
}
