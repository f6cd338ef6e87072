//! Passphrases: argon2id with the OWASP parameters (19 MiB, 2 passes, 1 lane), hashed off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::{Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::limits::{HASHES_AT_ONCE, PASSPHRASE_MAX_BYTES, PASSPHRASE_MIN_CHARS};
use crate::ports::Entropy;

/// A passphrase as it came in: never printed, wiped after use.
pub type Passphrase = Zeroizing<String>;

/// Hashes and checks passphrases, a few at a time.
pub struct Passphrases {
    slots: Semaphore,
    /// Checked when there is no account, so that both answers take the same time.
    decoy: String,
}

impl Passphrases {
    /// Prepares the decoy; takes about as long as one hash.
    pub fn new(entropy: &dyn Entropy) -> Result<Self> {
        let mut salt = [0u8; 16];
        entropy.fill(&mut salt).map_err(Error::internal)?;
        let decoy = hash_now(b"nobody's passphrase", &salt)?;
        Ok(Self { slots: Semaphore::new(HASHES_AT_ONCE), decoy })
    }

    async fn slot(&self) -> Result<SemaphorePermit<'_>> {
        self.slots.acquire().await.map_err(Error::internal)
    }

    /// The PHC string to keep.
    pub async fn hash(&self, passphrase: Passphrase, entropy: &dyn Entropy) -> Result<String> {
        check_shape(&passphrase)?;
        let mut salt = [0u8; 16];
        entropy.fill(&mut salt).map_err(Error::internal)?;
        let _slot = self.slot().await?;
        let work = tokio::task::spawn_blocking(move || hash_now(passphrase.as_bytes(), &salt));
        work.await.map_err(Error::internal)?
    }

    /// Whether the passphrase is the kept one. With `kept: None` it takes as long and says no.
    pub async fn verify(&self, passphrase: Passphrase, kept: Option<String>) -> Result<bool> {
        let known = kept.is_some() && passphrase.len() <= PASSPHRASE_MAX_BYTES;
        let kept = kept.unwrap_or_else(|| self.decoy.clone());
        let _slot = self.slot().await?;
        let work = tokio::task::spawn_blocking(move || {
            let bounded: &[u8] = passphrase.as_bytes().get(..PASSPHRASE_MAX_BYTES).unwrap_or(passphrase.as_bytes());
            let Ok(parsed) = PasswordHash::new(&kept) else { return false };
            Argon2::default().verify_password(bounded, &parsed).is_ok()
        });
        let same = work.await.map_err(Error::internal)?;
        Ok(same && known)
    }
}

fn hash_now(passphrase: &[u8], salt: &[u8]) -> Result<String> {
    let hash = Argon2::default().hash_password_with_salt(passphrase, salt);
    hash.map(|h| h.to_string()).map_err(|e| Error::internal(e.to_string()))
}

fn check_shape(passphrase: &str) -> Result<()> {
    if passphrase.chars().count() < PASSPHRASE_MIN_CHARS {
        return Err(Error::invalid("passphrase", format!("needs at least {PASSPHRASE_MIN_CHARS} characters")));
    }
    if passphrase.len() > PASSPHRASE_MAX_BYTES {
        return Err(Error::invalid("passphrase", format!("may have at most {PASSPHRASE_MAX_BYTES} bytes")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemEntropy;

    #[tokio::test]
    async fn verifies_only_the_same_passphrase_of_a_known_account() {
        let all = Passphrases::new(&SystemEntropy).unwrap();
        let kept = all.hash("correct horse".to_owned().into(), &SystemEntropy).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(all.verify("correct horse".to_owned().into(), Some(kept.clone())).await.unwrap());
        assert!(!all.verify("wrong horse".to_owned().into(), Some(kept)).await.unwrap());
        assert!(!all.verify("nobody's passphrase".to_owned().into(), None).await.unwrap());
        assert!(all.hash("short".to_owned().into(), &SystemEntropy).await.is_err());
    }
}
