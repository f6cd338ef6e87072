//! The key tree: master key → root key → one subkey per purpose.
//!
//! ```text
//! master key (operator) ──wraps──▶ root key (root.key) ──HKDF──▶ envelope   wraps each template's data key
//!                                                            ├─▶ rotation   wraps each template's rotation seed
//!                                                            ├─▶ proof      authenticates erasure proofs
//!                                                            ├─▶ secrets    seals small secrets kept in the database
//!                                                            └─▶ derived    further keys by purpose (audit, tokens)
//! ```
//! Changing the master key rewraps the root alone, so a rotation is one small atomic file replacement.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::aead::{self, SecretKey};
use crate::limits::{KEY_BYTES, NONCE_BYTES, WRAPPED_BYTES};
use crate::{MasterKey, VaultError};

const MAGIC: &[u8; 8] = b"SMPROOT1";
const ROOT_AAD: &[u8] = b"smilepay vault root v1";

/// Length of `root.key`.
pub(crate) const ROOT_FILE_BYTES: usize = MAGIC.len() + NONCE_BYTES + WRAPPED_BYTES;

/// The root key with its subkeys.
pub(crate) struct Keys {
    root: SecretKey,
    pub envelope: SecretKey,
    pub rotation: SecretKey,
    pub proof: SecretKey,
    pub secrets: SecretKey,
}

impl Keys {
    pub fn generate() -> Result<Self, VaultError> {
        Self::from_root(aead::random()?)
    }

    fn from_root(root: SecretKey) -> Result<Self, VaultError> {
        let tree = Hkdf::<Sha256>::new(Some(b"smilepay"), root.as_slice());
        let subkey = |info: &[u8]| {
            let mut key = Zeroizing::new([0; KEY_BYTES]);
            tree.expand(info, key.as_mut()).map_err(|_| VaultError::Damaged("key derivation"))?;
            Ok::<_, VaultError>(key)
        };
        Ok(Self {
            envelope: subkey(b"envelope v1")?,
            rotation: subkey(b"rotation v1")?,
            proof: subkey(b"erasure proof v1")?,
            secrets: subkey(b"small secrets v1")?,
            root,
        })
    }

    /// A further key for `purpose`, which no other purpose shares.
    pub fn derive(&self, purpose: &str) -> Result<SecretKey, VaultError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        let info = [b"derived v1: ", purpose.as_bytes()];
        let tree = Hkdf::<Sha256>::new(Some(b"smilepay"), self.root.as_slice());
        tree.expand_multi_info(&info, key.as_mut()).map_err(|_| VaultError::Damaged("key derivation"))?;
        Ok(key)
    }

    /// The content of `root.key`.
    pub fn wrap(&self, master: &MasterKey) -> Result<Vec<u8>, VaultError> {
        Ok([MAGIC.as_slice(), &aead::seal(&master.0, ROOT_AAD, self.root.as_slice())?].concat())
    }

    /// Opens the content of `root.key`.
    pub fn unwrap(master: &MasterKey, file: &[u8]) -> Result<Self, VaultError> {
        let wrapped = file.strip_prefix(MAGIC.as_slice()).filter(|_| file.len() == ROOT_FILE_BYTES);
        let wrapped = wrapped.ok_or(VaultError::Damaged("root.key has the wrong form"))?;
        Self::from_root(aead::open_key(&master.0, ROOT_AAD, wrapped).map_err(|_| VaultError::WrongMaster)?)
    }
}
