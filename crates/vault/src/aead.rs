//! XChaCha20-Poly1305 with a random nonce in front.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, Zeroizing};

use crate::VaultError;
use crate::limits::{KEY_BYTES, NONCE_BYTES};

/// A 256-bit key, wiped when dropped.
pub(crate) type SecretKey = Zeroizing<[u8; KEY_BYTES]>;

/// Fills an array from the operating system's generator.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, VaultError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut()).map_err(|_| VaultError::NoRandomness)?;
    Ok(bytes)
}

/// `nonce ‖ ciphertext ‖ tag`.
pub(crate) fn seal(key: &SecretKey, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let nonce = random::<NONCE_BYTES>()?;
    let payload = Payload { msg: plain, aad };
    let sealed = cipher(key).encrypt(&XNonce::from(*nonce), payload).map_err(|_| VaultError::Tampered)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// The plain text, if neither `aad` nor a byte of `sealed` changed.
pub(crate) fn open(key: &SecretKey, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, msg) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Tampered)?;
    let plain = cipher(key).decrypt(&XNonce::from(*nonce), Payload { msg, aad }).map_err(|_| VaultError::Tampered)?;
    Ok(Zeroizing::new(plain))
}

/// [`open`] for a wrapped key.
pub(crate) fn open_key(key: &SecretKey, aad: &[u8], sealed: &[u8]) -> Result<SecretKey, VaultError> {
    let plain = open(key, aad, sealed)?;
    let mut bytes: [u8; KEY_BYTES] = plain.as_slice().try_into().map_err(|_| VaultError::Tampered)?;
    let out = Zeroizing::new(bytes);
    bytes.zeroize();
    Ok(out)
}

fn cipher(key: &SecretKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(**key))
}
