//! Every size of this crate.

/// Longest credential id, bytes (WebAuthn level 3, § 4).
pub const CREDENTIAL_ID_BYTES: usize = 1_023;
/// Longest answer of an authenticator that is looked at, bytes of JSON.
pub const ANSWER_BYTES: usize = 16 * 1_024;
/// Devices of one payer.
pub const DEVICES: usize = 10;
/// Attestation roots that an operator may trust, and models that may be listed.
pub const ATTESTATION_ROOTS: usize = 16;
pub const ATTESTED_DEVICES: usize = 256;
/// How long a browser may take for a ceremony, ms.
pub const CEREMONY_MS: u32 = 60_000;
