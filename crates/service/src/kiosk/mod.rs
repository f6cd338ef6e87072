//! Paying at a shop's kiosk (1:N): the shop's device asks for the last digits of a phone number, the face decides which of the
//! few wallets it is.
//!
//! ```text
//! restricted key (kiosk.pay) ─▶ attempt: intent + digits + drawn steps ─▶ capture ─▶ alive? ─▶ search among the digits' wallets
//!      ─▶ nobody: try again · one: a challenge of that wallet, judged and paid like any other · two: a second factor tells
//! ```
//! Nobody learns from an answer whether some digits have a wallet. Who can be found is asked of the database at each search, so a
//! consent that is withdrawn and a face that is erased are out at once; the index in memory only saves unsealing.

mod attempt;
mod judge;
mod phone;
mod room;
mod second;

pub use attempt::{NewKioskPayment, StartKioskAttempt};
pub use second::KioskProof;

pub(crate) use room::Kiosks;
