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

    /// As a new template's: under a seed drawn now and kept nowhere. For measuring what two of them have in common.
    ///
    /// # Errors
    /// [`VaultError::BadFeatures`] for a length that no vector has, [`VaultError::NoRandomness`].
    pub fn fresh(length: usize) -> Result<Self, VaultError> {
        Self::new(&crate::aead::random()?, length)
    }

    /// Values of a turned vector: the next power of two.
    pub fn dimensions(&self) -> usize {
        self.0.padded()
    }

    /// The turned values of a vector of the right length.
    ///
    /// # Errors
    /// [`VaultError::BadFeatures`] for another length.
    pub fn turn(&self, values: &[f32]) -> Result<Zeroizing<Vec<f32>>, VaultError> {
        let fits = values.len() == self.0.length();
        if fits { Ok(self.0.apply(values)) } else { Err(VaultError::BadFeatures) }
    }

    /// The turned unit vector.
    ///
    /// # Errors
    /// [`VaultError::BadFeatures`] for another length.
    pub fn apply(&self, features: &Features) -> Result<Zeroizing<Vec<f32>>, VaultError> {
        self.turn(features.values())
    }
}
