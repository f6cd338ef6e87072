//! The receipt of an erasure: what a person keeps, and anyone can check without this vault.

use base::{Method, TemplateId, Timestamp};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::aead::SecretKey;
use crate::erasure::ErasureProof;

/// Says that the keys of a template were destroyed, and when; signed with Ed25519. Holds nothing about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasureReceipt {
    /// [`ErasureReceipt::KIND`].
    pub kind: String,
    pub template: TemplateId,
    pub method: Method,
    pub erased_at: Timestamp,
    /// SHA-256 (hex) of the wrapped keys that were overwritten.
    pub key_digest: String,
    /// The installation's public key (hex, 32 bytes).
    pub public_key: String,
    /// Over all fields above (hex, 64 bytes).
    pub signature: String,
}

/// Why a receipt does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    #[error("this is not an erasure receipt of a version that is known here")]
    OtherKind,
    #[error("the receipt was signed by another installation")]
    OtherKey,
    #[error("the signature does not fit: the receipt was changed")]
    Changed,
}

impl ErasureReceipt {
    pub const KIND: &'static str = "smilepay erasure receipt 1";

    pub(crate) fn sign(seed: &SecretKey, proof: &ErasureProof, method: Method) -> Self {
        let key = SigningKey::from_bytes(seed);
        let mut receipt = Self {
            kind: Self::KIND.to_owned(),
            template: proof.template,
            method,
            erased_at: proof.erased_at,
            key_digest: proof.key_digest.clone(),
            public_key: hex::encode(key.verifying_key().as_bytes()),
            signature: String::new(),
        };
        receipt.signature = hex::encode(key.sign(&receipt.message()).to_bytes());
        receipt
    }

    /// Whether nothing was changed, and, where the installation's key is known from elsewhere, whether it was that one.
    ///
    /// # Errors
    /// See [`ReceiptError`].
    pub fn verify(&self, expected: Option<[u8; 32]>) -> Result<(), ReceiptError> {
        if self.kind != Self::KIND {
            return Err(ReceiptError::OtherKind);
        }
        let key: [u8; 32] = bytes(&self.public_key).ok_or(ReceiptError::Changed)?;
        if expected.is_some_and(|expected| expected != key) {
            return Err(ReceiptError::OtherKey);
        }
        let key = VerifyingKey::from_bytes(&key).map_err(|_| ReceiptError::Changed)?;
        let signature = Signature::from_bytes(&bytes(&self.signature).ok_or(ReceiptError::Changed)?);
        key.verify_strict(&self.message(), &signature).map_err(|_| ReceiptError::Changed)
    }

    /// Each field with its length in front, so that no two receipts share one message.
    fn message(&self) -> Vec<u8> {
        let at = self.erased_at.as_millis().to_be_bytes();
        let fields: [&[u8]; 5] = [
            self.template.as_uuid().as_bytes(),
            self.method.as_str().as_bytes(),
            &at,
            self.key_digest.as_bytes(),
            self.public_key.as_bytes(),
        ];
        let mut message = format!("{}\0", Self::KIND).into_bytes();
        for field in fields {
            message.extend((field.len() as u32).to_be_bytes());
            message.extend_from_slice(field);
        }
        message
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    hex::decode_to_slice(text, &mut out).ok().map(|()| out)
}
