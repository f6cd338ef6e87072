//! Passkeys (WebAuthn) and Secure Payment Confirmation: registering a device, and checking what it signed.
//!
//! Registration is webauthn-rs's. Assertions are checked here, because a payment's challenge is not drawn at random but
//! is the hash of what is paid ([`Terms::challenge`]), and because no library knows `payment.get`. Both kinds go through
//! one verifier ([`RelyingParty::verify`]); keys and signatures are webauthn-rs's again.

mod assertion;
mod attestation;
mod error;
pub mod limits;
mod party;
mod register;
mod terms;

pub use assertion::{Assertion, Expected, Shown, Signed};
pub use attestation::{Attestation, Roots};
pub use error::PasskeyError;
pub use party::RelyingParty;
pub use register::{Credential, Registration};
pub use terms::Terms;
