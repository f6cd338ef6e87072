//! Every accept/deny threshold and rule. Pure: clock and history come in as parameters.
//!
//! [`decide_face`] collects findings about the attempt, the comparison, liveness and money; the worst one is the outcome.
//! What it allows is a [`Decision`] bound to one payment ([`Binding`]) for [`DECISION_LIFE`].

mod decision;
pub mod evidence;
mod judge;
pub mod liveness;
pub mod lock;
mod policy;
mod reason;
mod score;
pub mod tiers;

pub use decision::{Binding, DECISION_LIFE, Decision, Outcome, Stale};
pub use evidence::{Check, CheckName, Evidence, NoEvidence, Reading};
pub use judge::{FaceCase, PassphraseCase, decide_face, decide_passphrase};
pub use liveness::ChallengeKind;
pub use lock::{Gate, LockState};
pub use policy::{FacePolicy, LivenessPolicy, Mode, Policy, PolicyError};
pub use reason::{NextStep, Reason};
pub use score::{Cosine, EyeRatio, FaceMatch, MatchSize};
pub use tiers::{FaceLimits, MoneyPolicy, PayerHistory};
