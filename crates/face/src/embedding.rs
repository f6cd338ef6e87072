use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::FaceError;
use crate::form::ModelId;
use crate::limits::{MAX_VECTOR, MIN_VECTOR};

/// Values in a vector of the recogniser that ships.
pub const EMBEDDING_LEN: usize = 128;

/// Cosine of two face vectors, −1..=1; says nothing without the sizes of what was compared.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(f32);

impl Score {
    pub const fn value(self) -> f32 {
        self.0
    }

    /// A score from elsewhere (tests, recorded evaluations); a NaN becomes −1, other values are clamped to −1..=1.
    pub fn new(cosine: f32) -> Self {
        Self(if cosine.is_nan() { -1.0 } else { cosine.clamp(-1.0, 1.0) })
    }
}

/// The values of a vector, in place: making one takes no memory. What lies behind `len` is zero.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Vector {
    values: [f32; MAX_VECTOR],
    len: usize,
}

impl Vector {
    /// Zeros.
    pub(crate) fn zero(len: usize) -> Self {
        Self { values: [0.0; MAX_VECTOR], len: len.min(MAX_VECTOR) }
    }

    /// `raw` scaled to unit length.
    pub(crate) fn unit(raw: &[f32]) -> Result<Self, FaceError> {
        if !(MIN_VECTOR..=MAX_VECTOR).contains(&raw.len()) {
            return Err(FaceError::NoVector);
        }
        let mut made = Self::zero(raw.len());
        made.add(raw, 1.0);
        made.normalise()?;
        Ok(made)
    }

    pub(crate) fn values(&self) -> &[f32] {
        self.values.get(..self.len).unwrap_or(&self.values)
    }

    fn values_mut(&mut self) -> &mut [f32] {
        let (values, _) = self.values.split_at_mut(self.len);
        values
    }

    /// Adds `weight × other`.
    pub(crate) fn add(&mut self, other: &[f32], weight: f32) {
        self.values_mut().iter_mut().zip(other).for_each(|(v, o)| *v += weight * o);
    }

    pub(crate) fn copy(&self) -> Self {
        Self { values: self.values, len: self.len }
    }

    /// Sum of products; vectors of two lengths have nothing in common.
    pub(crate) fn dot(&self, other: &Self) -> f32 {
        if self.len != other.len {
            return -1.0;
        }
        dot(self.values(), other.values())
    }

    /// Scales to unit length.
    pub(crate) fn normalise(&mut self) -> Result<(), FaceError> {
        let norm = dot(self.values(), self.values()).sqrt();
        if !norm.is_finite() || norm <= f32::MIN_POSITIVE {
            return Err(FaceError::NoVector);
        }
        self.values_mut().iter_mut().for_each(|v| *v /= norm);
        Ok(())
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The features of one view of a face: a vector of unit length, and which recogniser made it.
///
/// Biometric: no `Debug`, `Clone` or serialisation, and wiped when dropped.
pub struct Embedding {
    vector: Vector,
    model: ModelId,
}

impl Embedding {
    /// Scales `raw` to unit length, as a vector of the recogniser that ships.
    ///
    /// # Errors
    /// As [`Embedding::made_by`].
    pub fn from_raw(raw: &[f32]) -> Result<Self, FaceError> {
        Self::made_by(&ModelId::shipped(), raw)
    }

    /// Scales `raw` to unit length, as a vector of `model`.
    ///
    /// # Errors
    /// `raw` does not hold 16 to 512 finite values, or is all zero.
    pub fn made_by(model: &ModelId, raw: &[f32]) -> Result<Self, FaceError> {
        Ok(Self { vector: Vector::unit(raw)?, model: model.clone() })
    }

    /// A second one of the same view, for who must keep it while the first one is handed on.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self { vector: self.vector.copy(), model: self.model.clone() }
    }

    /// The direction between two views of one picture (the picture and its mirror image).
    ///
    /// # Errors
    /// The two are opposite.
    pub(crate) fn mean_of(a: &Self, b: &Self) -> Result<Self, FaceError> {
        let mut mean = a.copied();
        mean.vector.add(b.expose_values(), 1.0);
        mean.vector.normalise()?;
        Ok(mean)
    }

    /// The cosine to another view; −1 for a view of another recogniser.
    pub fn cosine(&self, other: &Self) -> Score {
        if self.model != other.model {
            return Score::new(-1.0);
        }
        Score::new(self.vector.dot(&other.vector))
    }

    /// Which recogniser made it.
    pub const fn model(&self) -> &ModelId {
        &self.model
    }

    pub(crate) const fn vector(&self) -> &Vector {
        &self.vector
    }

    /// The vector itself. Only for joining views and for the vault; never store, log or send it.
    pub fn expose_values(&self) -> &[f32] {
        self.vector.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_length_and_cosine() {
        let mut raw = [0.0; EMBEDDING_LEN];
        raw[0] = 3.0;
        raw[1] = 4.0;
        let a = Embedding::from_raw(&raw).unwrap();
        assert!((a.cosine(&a).value() - 1.0).abs() < 1e-6);
        raw[1] = -4.0;
        let b = Embedding::from_raw(&raw).unwrap();
        assert!((a.cosine(&b).value() - (9.0 - 16.0) / 25.0).abs() < 1e-6);
    }

    #[test]
    fn unusable_vectors_are_refused() {
        let mut nan = [1.0; EMBEDDING_LEN];
        nan[7] = f32::NAN;
        for bad in [&[0.0; EMBEDDING_LEN][..], &nan, &[1.0; 15], &[1.0; 513], &[f32::INFINITY; EMBEDDING_LEN]] {
            assert!(matches!(Embedding::from_raw(bad), Err(FaceError::NoVector)));
        }
    }

    #[test]
    fn vectors_of_two_recognisers_are_never_alike() {
        let (ours, theirs) = (ModelId::shipped(), ModelId::new("another"));
        let a = Embedding::made_by(&ours, &[1.0; 128]).unwrap();
        assert!(a.cosine(&Embedding::made_by(&theirs, &[1.0; 128]).unwrap()).value() <= -1.0);
        assert!(a.cosine(&Embedding::made_by(&ours, &[1.0; 512]).unwrap()).value() <= -1.0);
        assert!(a.cosine(&a.copied()).value() > 0.999);
        assert_eq!(Embedding::made_by(&theirs, &[1.0; 512]).unwrap().expose_values().len(), 512);
    }
}
