//! What goes into a session with each frame, and what comes out.

use face::{Detection, Embedding, FaceColour, Luma, Quality};
use serde::{Deserialize, Serialize};

use crate::challenge::Step;
use crate::tint::Tints;

/// One frame and everything measured on it. Positions are picture pixels.
pub struct FrameInput<'a> {
    /// The client's clock in ms. Not finite, negative or not later than the frame before: the frame is refused and counted.
    pub at_ms: f64,
    /// Grey picture of the whole frame; the face should be 120–250 px wide in it for the depth check.
    pub luma: &'a Luma,
    /// Picture pixels per luma pixel (≥ 1 when the luma was shrunk).
    pub scale: f32,
    /// Number of faces found.
    pub faces: usize,
    /// The payer's face (the largest central one).
    pub detection: Option<&'a Detection>,
    /// Happy score 0..1; needed when [`Wants::happy`] said so.
    pub happy: Option<f32>,
    /// What the operator's passive network made of it, 0..1; wanted when [`Wants::passive`] said so and one is plugged in.
    pub passive: Option<f32>,
    /// Embedding; needed when [`Wants::embedding`] said so. The session keeps it, and hands it back in the probe.
    pub embedding: Option<Embedding>,
    /// Picture quality, if measured; weighs probe frames and gates enrolment views.
    pub quality: Option<&'a Quality>,
    /// Colour of the face and of what is beside it; looked at while the screen shows colours.
    pub colour: Option<FaceColour>,
    /// [`crate::fingerprint`] of the frame.
    pub fingerprint: u64,
}

/// Which dear measurements the session wants for the frame in hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// The happy score (≈ 2–4 ms).
    pub happy: bool,
    /// The embedding (≈ 5–25 ms).
    pub embedding: bool,
    /// Quality with the mesh (eye openness).
    pub mesh: bool,
    /// The passive network's answer, where there is one (≈ 2 ms).
    pub passive: bool,
}

/// What the payer sees now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    Step(Step),
    /// Everything was done: stay as you are. (After a turn the prompt is the neutral step: look at the camera again.)
    Hold,
}

impl Prompt {
    /// Name on the wire: a step's name or `hold`.
    pub const fn name(self) -> &'static str {
        match self {
            Prompt::Step(step) => step.name(),
            Prompt::Hold => "hold",
        }
    }
}

/// What is wrong, as what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    NoFace,
    SeveralFaces,
    ComeCloser,
    MoveBack,
    MoreLight,
    HoldStill,
    LookAtCamera,
    /// The face is upside down or lies on its side.
    HoldUpright,
    ShowEyes,
    TurnMore,
    TurnBack,
    /// The head is turned to the other side than asked.
    OtherSide,
    SmileMore,
    RelaxFace,
    SlowDown,
}

impl Hint {
    /// Name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Hint::NoFace => "no_face",
            Hint::SeveralFaces => "several_faces",
            Hint::ComeCloser => "come_closer",
            Hint::MoveBack => "move_back",
            Hint::MoreLight => "more_light",
            Hint::HoldStill => "hold_still",
            Hint::LookAtCamera => "look_at_camera",
            Hint::HoldUpright => "hold_upright",
            Hint::ShowEyes => "show_eyes",
            Hint::TurnMore => "turn_more",
            Hint::TurnBack => "turn_back",
            Hint::OtherSide => "other_side",
            Hint::SmileMore => "smile_more",
            Hint::RelaxFace => "relax_face",
            Hint::SlowDown => "slow_down",
        }
    }
}

/// Why a session ended without all its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// A step stayed unanswered too long.
    StepTimedOut,
    /// The whole capture took too long.
    TimedOut,
    TooManyFrames,
    /// Too many frames with unusable timestamps.
    BadClock,
    /// Turned another way than asked more than once: a recording that plays on, or a misunderstanding.
    WrongAnswer,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running,
    /// Every step was answered.
    Finished,
    Failed(Failure),
}

/// What to show after a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    pub prompt: Prompt,
    /// The colours to show, each for [`crate::TINT_MS`] and the last one until the prompt changes, while that is the prompt.
    pub tints: Option<Tints>,
    /// Share of the session that is done, 0..1.
    pub fraction: f32,
    pub hint: Option<Hint>,
    /// Whether the next frame will probably need an embedding ([`crate::Session::wants`] says it exactly).
    pub wants_embedding: bool,
    pub state: State,
}
