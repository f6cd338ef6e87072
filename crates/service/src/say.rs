//! Every sentence a payer hears during a capture, in one place.

use base::Method;
use decide::{NextStep, Outcome, UtteranceFault};
use liveness::{Hint, Prompt, Step};

/// What to do now.
pub const fn prompt(prompt: Prompt) -> &'static str {
    match prompt {
        Prompt::Step(Step::Neutral) => "Look at the camera",
        Prompt::Step(Step::Smile) => "Now smile",
        Prompt::Step(Step::TurnLeft) => "Turn your head to the left",
        Prompt::Step(Step::TurnRight) => "Turn your head to the right",
        Prompt::Step(Step::Closer) => "Come a little closer",
        Prompt::Step(Step::Back) => "Move back a little",
        Prompt::Step(Step::HoldStill) => "Hold still for a moment",
        Prompt::Hold => "Look at the camera and hold still",
    }
}

/// What is wrong, said as what to do.
pub const fn hint(hint: Hint) -> &'static str {
    match hint {
        Hint::NoFace => "Bring your face into the picture",
        Hint::SeveralFaces => "One person only, please",
        Hint::ComeCloser => "A bit closer",
        Hint::MoveBack => "A bit further away",
        Hint::MoreLight => "More light from the front",
        Hint::HoldStill => "Hold still",
        Hint::LookAtCamera => "Look at the camera",
        Hint::HoldUpright => "Hold the phone so that your face is upright",
        Hint::ShowEyes => "Let the camera see your eyes",
        Hint::TurnMore => "A little more",
        Hint::TurnBack => "Back to the front",
        Hint::OtherSide => "To the other side",
        Hint::SmileMore => "A bigger smile",
        Hint::RelaxFace => "Relax your face",
        Hint::SlowDown => "A little slower",
    }
}

/// How a payment capture ended.
pub const fn ended(method: Method, outcome: Outcome) -> &'static str {
    match (method, outcome) {
        (Method::Voice, Outcome::Retake) => "That was not clear enough. Please say the new digits in a quiet place.",
        _ => NextStep::after(outcome).say(),
    }
}

/// The capture broke off before anything could be judged.
pub const fn broken_off(method: Method) -> &'static str {
    match method {
        Method::Voice => "The sound broke off. Nothing was paid; please try again.",
        _ => "The camera picture broke off. Nothing was paid; please try again.",
    }
}

/// What is wrong with an utterance: wire name, and what to do.
pub const fn utterance(fault: UtteranceFault) -> (&'static str, &'static str) {
    match fault {
        UtteranceFault::TooShort => ("too_short", "A little slower, with every digit"),
        UtteranceFault::TooQuiet => ("too_quiet", "A little louder, or closer"),
        UtteranceFault::TooNoisy => ("too_noisy", "It is loud around you: somewhere quieter, please"),
        UtteranceFault::Clipped => ("too_loud", "A little softer, or further away"),
    }
}

/// Before digits to be said.
pub const DIGITS: &str = "Say these digits one by one";
/// All utterances are there.
pub const VOICE_ENROLLED: &str = "Done. You can pay by speaking now.";
/// The enrolment could not be finished.
pub const VOICE_NOT_ENROLLED: &str = "Not enough clear speech. Please try again in a quiet place.";
/// The utterances do not sound like one person.
pub const NOT_ONE_VOICE: &str = "The recordings sound different. Please try again alone, in a quiet place.";
/// All views are there.
pub const ENROLLED: &str = "Done. You can pay with a smile now.";
/// The enrolment could not be finished.
pub const NOT_ENROLLED: &str = "Not enough clear pictures. Please try again, with light from the front.";
/// The wallet has too little money.
pub const NO_MONEY: &str = "There is not enough money in the wallet. Please pay another way.";
/// The payment was changed or ended while the camera ran.
pub const GONE: &str = "This payment cannot be made any more. Please go back to the shop.";
