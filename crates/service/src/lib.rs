//! Use cases: sign-up, enrol, intent, challenge, capture, confirm, refund, erase, deliver webhooks.
//!
//! [`App`] wires the rooms: store, vault, face, liveness, voice, kungfu, decide. One file holds one use case. Nothing here knows HTTP.

mod abilities;
mod app;
pub mod capture;
mod ceremonies;
mod challenge;
pub mod config;
mod confirm;
mod confirm_passkey;
pub mod consent;
mod device;
mod enrol;
mod erase;
mod error;
mod export;
pub mod faces;
mod from_store;
mod intent;
mod judge;
pub mod limits;
mod locks;
mod me;
mod merchant;
mod objects;
mod otp;
mod papers;
mod passkeys;
mod passphrase;
pub mod ports;
mod proof;
mod refund;
pub mod say;
pub mod secret;
pub mod seed;
mod session;
mod sign_up;
mod spoken;
pub mod view;
pub mod webhook;

pub use app::{App, AppParts};
pub use challenge::StartChallenge;
pub use config::{AppConfig, Mode, StartError};
pub use device::Device;
pub use enrol::{StartEnrolment, Views};
pub use erase::replay_erasures;
pub use error::{Error, Result};
pub use intent::CreateIntent;
pub use liveness::Abilities;
pub use merchant::{Merchant, Viewer};
pub use passphrase::Passphrase;
pub use session::{PayerSession, SignedIn};
pub use sign_up::SignUp;
