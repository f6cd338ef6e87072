//! Every size and count of this crate, in one place.

/// Bytes of every symmetric key here.
pub const KEY_BYTES: usize = 32;
/// Bytes of an XChaCha20 nonce; long enough to be drawn at random.
pub const NONCE_BYTES: usize = 24;
/// Bytes of a Poly1305 tag.
pub const TAG_BYTES: usize = 16;
/// Bytes of a wrapped key: ciphertext and tag.
pub const WRAPPED_BYTES: usize = KEY_BYTES + TAG_BYTES;
/// Longest feature vector.
pub const MAX_DIMENSIONS: usize = 2_048;
/// Longest model id in bytes.
pub const MAX_MODEL_BYTES: usize = 100;
/// Longest sealed template in bytes: head, padded vector and its anchor, tag.
pub const MAX_SEALED_BYTES: usize = 2 + MAX_MODEL_BYTES + NONCE_BYTES + 16 + 8 * MAX_DIMENSIONS + TAG_BYTES;
/// Longest plain object template in bytes: local features of several photos.
pub const MAX_OBJECT_BYTES: usize = 2 << 20;
/// Longest sealed object template in bytes.
pub const MAX_SEALED_OBJECT_BYTES: usize = 2 + MAX_MODEL_BYTES + NONCE_BYTES + MAX_OBJECT_BYTES + TAG_BYTES;
/// Longest small secret: a webhook secret is 32 bytes, a saved reply up to 40 KiB in base64.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;
/// Most keys in one store: 256 MiB of slots.
pub const MAX_SLOTS: usize = 1_048_576;
/// Longest master key file: 64 hexadecimal digits and a line end.
pub const MAX_MASTER_FILE_BYTES: u64 = 66;
/// Longest line of the erasure log.
pub const MAX_LOG_LINE_BYTES: usize = 1_024;
/// Longest PIN of a token.
pub const MAX_PIN_BYTES: usize = 256;
/// Longest request to the process that holds the key store.
pub const MAX_ERRAND_BYTES: u64 = 4_096;
/// Templates that are renewed together: few enough to be quick, enough to share the writes.
pub const RENEW_AT_ONCE: usize = 64;
