//! What a person before the camera can be asked to do.

/// One thing to do, named as in the capture protocol's prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    Neutral,
    Smile,
    /// To the person's own left: the nose moves to picture right.
    TurnLeft,
    TurnRight,
    Closer,
    /// A little away from the camera.
    Back,
    /// Look at the camera and do not move.
    Still,
    /// Stay as you are.
    Hold,
}

impl Act {
    /// Every act, in the order of the exports.
    pub const ALL: [Self; 8] = [
        Self::Neutral,
        Self::Smile,
        Self::TurnLeft,
        Self::TurnRight,
        Self::Closer,
        Self::Back,
        Self::Still,
        Self::Hold,
    ];

    /// The protocol's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Smile => "smile",
            Self::TurnLeft => "turn_left",
            Self::TurnRight => "turn_right",
            Self::Closer => "closer",
            Self::Back => "back",
            Self::Still => "hold_still",
            Self::Hold => "hold",
        }
    }

    /// The act for a protocol word; `None` for a word this person does not know.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }
}
