//! Every sentence a payer hears during a capture, in one place: keys of the catalogue (`locales/`). The server says them in the
//! payer's language.

use base::Method;
use decide::{NextStep, ObjectStep, Outcome, PhotoFault, UtteranceFault};
use liveness::{Hint, Prompt, Step};

/// What to do now.
pub const fn prompt(prompt: Prompt) -> &'static str {
    match prompt {
        Prompt::Step(Step::Neutral) => "step.neutral",
        Prompt::Step(Step::Smile) => "step.smile",
        Prompt::Step(Step::TurnLeft) => "step.turn_left",
        Prompt::Step(Step::TurnRight) => "step.turn_right",
        Prompt::Step(Step::Closer) => "step.closer",
        Prompt::Step(Step::Back) => "step.back",
        Prompt::Step(Step::HoldStill) => "step.hold_still",
        Prompt::Step(Step::Colours) => "step.colours",
        Prompt::Hold => "step.hold",
    }
}

/// What is wrong, said as what to do.
pub const fn hint(hint: Hint) -> &'static str {
    match hint {
        Hint::NoFace => "hint.no_face",
        Hint::SeveralFaces => "hint.several_faces",
        Hint::ComeCloser => "hint.come_closer",
        Hint::MoveBack => "hint.move_back",
        Hint::MoreLight => "hint.more_light",
        Hint::HoldStill => "hint.hold_still",
        Hint::LookAtCamera => "hint.look_at_camera",
        Hint::HoldUpright => "hint.hold_upright",
        Hint::ShowEyes => "hint.show_eyes",
        Hint::TurnMore => "hint.turn_more",
        Hint::TurnBack => "hint.turn_back",
        Hint::OtherSide => "hint.other_side",
        Hint::SmileMore => "hint.smile_more",
        Hint::RelaxFace => "hint.relax_face",
        Hint::SlowDown => "hint.slow_down",
    }
}

/// How a payment capture ended.
pub const fn ended(method: Method, outcome: Outcome) -> &'static str {
    match (method, outcome) {
        (Method::Kungfu, Outcome::Retake) => "end.object_try_again",
        (Method::Voice, Outcome::Retake) => "end.voice_try_again",
        _ => NextStep::after(outcome).key(),
    }
}

/// The capture broke off before anything could be judged.
pub const fn broken_off(method: Method) -> &'static str {
    match method {
        Method::Voice => "end.voice_broken_off",
        _ => "end.broken_off",
    }
}

/// What is wrong with an utterance: wire name, and the key of what to do.
pub const fn utterance(fault: UtteranceFault) -> (&'static str, &'static str) {
    match fault {
        UtteranceFault::TooShort => ("too_short", "hint.too_short"),
        UtteranceFault::TooQuiet => ("too_quiet", "hint.too_quiet"),
        UtteranceFault::TooNoisy => ("too_noisy", "hint.too_noisy"),
        UtteranceFault::Clipped => ("too_loud", "hint.too_loud"),
    }
}

/// Where the camera should be around an object: wire name, and what to do. `None`: straight before it.
pub const fn object_step(step: Option<ObjectStep>) -> (&'static str, &'static str) {
    match step {
        None => ("show", "step.show"),
        Some(step @ ObjectStep::Closer) => (step.as_str(), "step.phone_closer"),
        Some(step @ ObjectStep::Back) => (step.as_str(), "step.phone_back"),
        Some(step @ ObjectStep::FromLeft) => (step.as_str(), "step.from_left"),
        Some(step @ ObjectStep::FromRight) => (step.as_str(), "step.from_right"),
    }
}

/// What is wrong with a photo of an object: wire name, and what to do.
pub const fn photo(fault: PhotoFault) -> (&'static str, &'static str) {
    match fault {
        PhotoFault::Blurred => ("hold_still", "hint.hold_until_sharp"),
        PhotoFault::TooDark => ("more_light", "hint.light_needed"),
        PhotoFault::TooBright => ("less_light", "hint.less_light"),
        PhotoFault::Glare => ("glare", "hint.glare"),
        PhotoFault::NotDistinct => ("fill_frame", "hint.fill_frame"),
        PhotoFault::NoPet => ("show_pet", "hint.show_pet"),
        PhotoFault::Face => ("no_face_here", "hint.no_face_here"),
    }
}

/// The object is not recognised from one frame to the next: wire name, and what to do.
pub const OBJECT_LOST: (&str, &str) = ("slow_down", "hint.keep_in_frame");
/// All photos are there.
pub const OBJECT_ENROLLED: &str = "end.object_enrolled";
/// The enrolment could not be finished.
pub const OBJECT_NOT_ENROLLED: &str = "end.object_not_enrolled";
/// The object cannot be told from others well enough, or somebody has it already: it is not said which.
pub const OBJECT_NOT_SUITABLE: &str = "end.object_not_suitable";
/// Before digits to be said.
pub const DIGITS: &str = "say.digits";
/// Before words to be said.
pub const WORDS: &str = "say.words";
/// Before the payer's own phrase, which is never shown.
pub const KEY_PHRASE: &str = "say.key_phrase";
/// All utterances are there.
pub const VOICE_ENROLLED: &str = "end.voice_enrolled";
/// The enrolment could not be finished.
pub const VOICE_NOT_ENROLLED: &str = "end.voice_not_enrolled";
/// The utterances do not sound like one person.
pub const NOT_ONE_VOICE: &str = "end.not_one_voice";
/// All views are there.
pub const ENROLLED: &str = "end.enrolled";
/// The enrolment could not be finished.
pub const NOT_ENROLLED: &str = "end.not_enrolled";
/// No wallet was found at a kiosk. The same words whether the digits have one or not.
pub const NOBODY_FOUND: &str = "end.nobody_found";
/// The wallet has too little money.
pub const NO_MONEY: &str = "end.no_money";
/// The payment was changed or ended while the camera ran.
pub const GONE: &str = "end.gone";
