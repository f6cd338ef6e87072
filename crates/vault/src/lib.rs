//! Keys and sealed templates. Nothing biometric is stored outside an envelope of this crate, and nothing of it prints.
//!
//! Each template has its own data key in a key store apart from the database; the operator's master key opens the key
//! store. Inside the envelope the vector is turned by a keyed rotation, whose seed lies under another key.
//! Erasing a template destroys its keys and leaves a proof.

mod aead;
mod erasure;
mod error;
mod features;
mod files;
mod index;
pub mod limits;
mod master;
mod receipt;
mod root;
mod rotation;
mod sealed;
mod slots;
mod vault;

#[cfg(test)]
mod test_vectors;

pub use erasure::ErasureProof;
pub use error::VaultError;
pub use features::Features;
pub use index::IndexRotation;
pub use master::{MasterKey, MasterKeySource};
pub use receipt::{ErasureReceipt, ReceiptError};
pub use sealed::{Comparison, Label, SealedTemplate};
pub use vault::{Vault, VaultConfig};
