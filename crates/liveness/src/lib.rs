//! Is a living person answering *this* challenge now? Turns frames of a capture into named measurements ([`Evidence`]).
//!
//! Two guided sessions share one machinery: [`Session`] answers a payment's challenge, [`EnrolSession`] collects the views
//! of a new template. Both are pure state machines: the time is the frame's client timestamp, randomness is a closure.
//! This crate owns motion and picture gates (when is a step answered, when is a frame good enough to look at);
//! whether the evidence suffices to move money is decided in `decide` only.
//!
//! One frame's way: the caller detects the face, asks [`Session::wants`] which dear measurements are wanted (happy score,
//! embedding), makes them, and hands everything to [`Session::push`]; [`Progress`] says what to show next. Once the
//! state is not [`State::Running`] any more, [`Session::finish`] hands back evidence, probe and fingerprints.

mod challenge;
mod clock;
mod colours;
mod cues;
mod depth;
mod draw;
mod enrol;
mod fingerprint;
mod frame;
mod gate;
mod identity;
pub mod limits;
mod lips;
mod look;
mod mouth;
mod onset;
mod passive;
mod record;
mod register;
mod replay;
mod session;
mod tint;
mod track;

pub use challenge::{Challenge, ChallengeError, Step};
pub use cues::moire_of;
pub use decide::evidence::{Check, CheckName, Evidence, NoEvidence, Reading};
pub use depth::depth_over;
pub use draw::Abilities;
pub use enrol::{EnrolProgress, EnrolSession, Enrolled, Reject};
pub use fingerprint::fingerprint;
pub use frame::{Failure, FrameInput, Hint, Progress, Prompt, State, Wants};
pub use limits::Limits;
pub use lips::{Moment, lips_with_sound};
pub use onset::smile_over;
pub use replay::share_seen_before;
pub use session::{Capture, Session};
pub use tint::{TINT_MS, Tint, Tints};
pub use track::plane_share;

#[cfg(test)]
mod lit;
#[cfg(test)]
mod rough;
#[cfg(test)]
mod scenes;
#[cfg(test)]
mod testkit;
