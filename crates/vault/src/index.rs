//! The common rotation of a 1:N index. What it gives stays in memory: an index is made anew from sealed templates.

use zeroize::Zeroizing;

use crate::aead::SecretKey;
use crate::rotation::Rotation;
use crate::{Features, VaultError};

/// Turns features so that they can be compared with each other, and with nothing outside of their index.
pub struct IndexRotation(Rotation);

impl IndexRotation {
    pub(crate) fn new(key: &SecretKey, length: usize) -> Result<Self, VaultError> {
        Rotation::new(key, length).map(Self)
    }

    /// Values of a turned vector: the next power of two.
    pub fn dimensions(&self) -> usize {
        self.0.padded()
    }

    /// The turned unit vector.
    ///
    /// # Errors
    /// [`VaultError::BadFeatures`] for another length.
    pub fn apply(&self, features: &Features) -> Result<Zeroizing<Vec<f32>>, VaultError> {
        let fits = features.values().len() == self.0.length();
        if fits { Ok(self.0.apply(features.values())) } else { Err(VaultError::BadFeatures) }
    }
}
