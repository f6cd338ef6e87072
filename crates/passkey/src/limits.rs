//! Every size of this crate.

/// Longest credential id, bytes (WebAuthn level 3, § 4).
pub const CREDENTIAL_ID_BYTES: usize = 1_023;
/// Longest answer of an authenticator that is looked at, bytes of JSON.
pub const ANSWER_BYTES: usize = 16 * 1_024;
/// Devices of one payer.
pub const DEVICES: usize = 10;
/// How long a browser may take for a ceremony, ms.
pub const CEREMONY_MS: u32 = 60_000;
