//! Which steps a payer is asked for.

use serde::{Deserialize, Serialize};

use crate::limits::MAX_STEPS;
use crate::tint::{self, Tints};

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
    /// Look at the screen while it shows the drawn colours.
    Colours,
}

impl Step {
    pub const ALL: [Step; 8] = [
        Step::Neutral,
        Step::Smile,
        Step::TurnLeft,
        Step::TurnRight,
        Step::Closer,
        Step::Back,
        Step::HoldStill,
        Step::Colours,
    ];

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
            Step::Colours => "colours",
        }
    }

    /// Sign of the nose offset that answers this step; `None` when it is not a turn.
    pub const fn turn_sign(self) -> Option<f32> {
        match self {
            Step::TurnLeft => Some(1.0),
            Step::TurnRight => Some(-1.0),
            Step::Neutral | Step::Smile | Step::Closer | Step::Back | Step::HoldStill | Step::Colours => None,
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

/// Steps in the order in which they have to be answered, and the colours that the screen shows in one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Challenge {
    steps: Vec<Step>,
    tints: Option<Tints>,
}

/// As a challenge is stored.
#[derive(Serialize, Deserialize)]
struct Written {
    steps: Vec<Step>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tints: Option<Tints>,
}

impl Challenge {
    /// Steps that were drawn, within the limits by how they are drawn.
    pub(crate) const fn of(steps: Vec<Step>) -> Self {
        Self { steps, tints: None }
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
        Ok(Self { steps: steps.to_vec(), tints: None })
    }

    /// The same with a last step in which the screen shows colours, where there is room for one more.
    #[must_use]
    pub fn with_colours(mut self) -> Self {
        if self.steps.len() < MAX_STEPS && !self.steps.contains(&Step::Colours) {
            self.steps.push(Step::Colours);
        }
        self
    }

    /// Draws the colours of a challenge that shows some: one of 108 sequences.
    #[must_use]
    pub fn tinted(mut self, random: &mut impl FnMut() -> u32) -> Self {
        self.tints = self.steps.contains(&Step::Colours).then(|| tint::draw(random));
        self
    }

    /// The colours to show; `None` where none are asked for.
    pub const fn tints(&self) -> Option<&Tints> {
        self.tints.as_ref()
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl TryFrom<Written> for Challenge {
    type Error = ChallengeError;

    fn try_from(Written { steps, tints }: Written) -> Result<Self, ChallengeError> {
        Ok(Self { tints, ..Self::pinned(&steps)? })
    }
}

impl From<Challenge> for Written {
    fn from(Challenge { steps, tints }: Challenge) -> Self {
        Self { steps, tints }
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

    #[test]
    fn colours_come_last_once_and_only_where_there_is_room() {
        let moves = Challenge::pinned(&[Step::Neutral, Step::Smile]).unwrap();
        assert_eq!(moves.clone().tinted(&mut || 7).tints(), None);
        let shown = moves.with_colours().with_colours().tinted(&mut || 7);
        assert_eq!(shown.steps(), [Step::Neutral, Step::Smile, Step::Colours]);
        assert!(shown.tints().is_some());
        let full = Challenge::pinned(&[Step::Smile; MAX_STEPS]).unwrap().with_colours();
        assert_eq!(full.steps().len(), MAX_STEPS);
    }
}
