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
    /// Steps that were drawn, within the limits by how they are drawn.
    pub(crate) const fn of(steps: Vec<Step>) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_steps_are_bounded() {
        assert_eq!(Challenge::pinned(&[]), Err(ChallengeError::Empty));
        assert_eq!(Challenge::pinned(&[Step::Smile; 9]), Err(ChallengeError::TooLong(9)));
        assert_eq!(Challenge::pinned(&[Step::Neutral, Step::Smile]).unwrap().steps().len(), 2);
    }
}
