//! Keys and sealed templates. Nothing biometric is stored outside an envelope of this crate, and nothing of it prints.
//!
//! Each template has its own data key in a key store apart from the database; the operator's master key opens the key
//! store. Inside the envelope the vector is turned by a keyed rotation, whose seed lies under another key.
//! Erasing a template destroys its keys and leaves a proof.

mod aead;
mod erasure;
mod errand;
mod error;
mod features;
mod files;
mod index;
pub mod limits;
mod receipt;
mod renew;
mod root;
mod rotation;
mod sealed;
mod slots;
mod source;
mod vault;

#[cfg(test)]
mod test_vectors;

pub use erasure::ErasureProof;
pub use errand::{Answer, Errand};
pub use error::VaultError;
pub use features::{Aged, Features};
pub use index::IndexRotation;
pub use receipt::{ErasureReceipt, ReceiptError};
pub use renew::{KeyOverview, Renewed, Rotation};
pub use sealed::{Comparison, Label, SealedTemplate};
pub use source::{KeySource, MasterKey, MasterKeySource, Pkcs11Error, TokenKey};
pub use vault::{Vault, VaultConfig};
