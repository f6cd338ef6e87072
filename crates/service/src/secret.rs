//! Bearer secrets: 256 random bits, shown once, kept only as SHA-256.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::ports::{Entropy, EntropyError};

/// What the database keeps of a secret. Random 256-bit input needs no salt and no slow hash.
pub type SecretHash = [u8; 32];

/// A new secret such as `sk_test_…`: the prefix and 64 hexadecimal digits.
pub fn new_secret(entropy: &dyn Entropy, prefix: &str) -> Result<String, EntropyError> {
    let mut bytes = [0u8; 32];
    entropy.fill(&mut bytes)?;
    let text = format!("{prefix}{}", hex::encode(bytes));
    bytes.zeroize();
    Ok(text)
}

/// The kept form of a secret.
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares in constant time.
pub fn matches(secret: &str, kept: &[u8]) -> bool {
    hash(secret).as_slice().ct_eq(kept).into()
}

/// The CSRF token of a session: derived, so it needs no storage and dies with the session.
pub fn csrf_token(session_token: &str) -> String {
    let mut h = Sha256::new();
    h.update(b"smilepay csrf v1\0");
    h.update(session_token.as_bytes());
    hex::encode(h.finalize())
}

/// Whether `given` is the session's CSRF token; constant time.
pub fn csrf_matches(session_token: &str, given: &str) -> bool {
    csrf_token(session_token).as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_its_own_hash_only() {
        let kept = hash("sk_test_a");
        assert!(matches("sk_test_a", &kept));
        assert!(!matches("sk_test_b", &kept));
        assert!(!matches("sk_test_a", &kept[..31]));
    }

    #[test]
    fn csrf_differs_from_the_session_and_between_sessions() {
        assert_ne!(csrf_token("a"), csrf_token("b"));
        assert!(csrf_matches("a", &csrf_token("a")));
        assert!(!csrf_matches("a", &csrf_token("b")));
        assert!(!csrf_matches("a", ""));
    }
}
