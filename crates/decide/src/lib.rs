//! Every accept/deny threshold and rule. Pure: clock and history come in as parameters.
//!
//! [`decide_face`] collects findings about the attempt, the comparison, liveness and money; the worst one is the outcome.
//! What which proven methods may pay is one table ([`RuleTable`]) that every method's decision looks up.
//! What it allows is a [`Decision`] bound to one payment ([`Binding`]) for [`DECISION_LIFE`].

mod attempt;
pub mod calibration;
mod decision;
pub mod evidence;
pub mod faces;
mod judge;
pub mod kiosk;
pub mod kungfu;
mod kungfu_thresholds;
pub mod liveness;
pub mod lock;
mod policy;
mod reason;
mod region;
pub mod renewal;
mod retention;
pub mod rules;
mod score;
pub mod signals;
pub mod tiers;
pub mod usual;
pub mod voice;

pub use calibration::{Calibration, CalibrationError, Llr, OperatingPoint, ScoreModel};
pub use decision::{Binding, DECISION_LIFE, Decision, Outcome, Stale};
pub use evidence::{Check, CheckName, Evidence, NoEvidence, Reading};
pub use judge::{FaceCase, FactorCase, decide_face, decide_factor};
pub use kiosk::{KioskPolicy, KioskSearch};
pub use kungfu::{
    KungfuCase, KungfuPolicy, ObjectMatch, ObjectMotion, ObjectPhoto, ObjectScore, ObjectStep, ObjectThresholds,
    PhotoFault, StepProgress, StepsShown, decide_kungfu,
};
pub use liveness::{Adapted, ChallengeKind, Finding, Verdict};
pub use lock::{Gate, LockState};
pub use policy::{FacePolicy, LivenessPolicy, Mode, Policy, PolicyError};
pub use reason::{NextStep, Reason};
pub use region::Region;
pub use renewal::{Renewal, RenewalCase, decide_renewal};
pub use retention::{KeptDays, RetentionPolicy};
pub use rules::{Answer, Asked, Risk, RuleTable};
pub use score::{Cosine, EyeRatio, FaceMatch, MatchSize};
pub use signals::Signals;
pub use tiers::PayerHistory;
pub use usual::{Circumstances, Country, UsualPolicy};
pub use voice::{Extra, PromptMargin, SoundQuality, UtteranceFault, VoiceCase, VoiceMatch, VoicePolicy, decide_voice};
