//! Every accept/deny threshold and rule. Pure: clock and history come in as parameters.

pub mod evidence;

pub use evidence::{Check, CheckName, Evidence, NoEvidence, Reading};
