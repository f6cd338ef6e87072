//! Paying by voice: enrolling it, and judging a spoken answer. The sound is wiped as soon as it is measured.

mod answer;
pub(crate) mod ask;
mod enrol;
mod key_phrase;
mod lips;
mod probe;

pub use ask::{Asking, PromptKind};
use voice::ListenerLimits;

/// A payment's answer: six digits. Guidance only; what suffices is `decide`'s.
const ANSWER: ListenerLimits = ListenerLimits { wants: 2.0, pause: 0.9, long_pause: 2.5, longest: 12.0 };
/// An enrolled utterance: twelve digits.
const UTTERANCE: ListenerLimits = ListenerLimits { wants: 3.2, pause: 0.9, long_pause: 2.5, longest: 20.0 };
/// Pieces of sound that may wait: 60 s of a tenth of a second each.
const PIECES_WAITING: usize = 600;
/// Windows of 3 s averaged in one vector.
const WINDOWS: usize = 3;
