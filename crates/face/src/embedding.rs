use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::FaceError;

/// Values in a face vector.
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

/// The features of one view of a face: 128 values of unit length.
///
/// Biometric: no `Debug`, `Clone` or serialisation, and wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Embedding {
    values: [f32; EMBEDDING_LEN],
}

impl Embedding {
    /// Scales `raw` to unit length.
    ///
    /// # Errors
    /// `raw` does not hold 128 finite values, or is all zero.
    pub fn from_raw(raw: &[f32]) -> Result<Self, FaceError> {
        let mut values: [f32; EMBEDDING_LEN] = raw.try_into().map_err(|_| FaceError::NoVector)?;
        if let Err(e) = normalise(&mut values) {
            values.zeroize();
            return Err(e);
        }
        Ok(Self { values })
    }

    /// The direction between two views of one picture (the picture and its mirror image).
    ///
    /// # Errors
    /// The two are opposite.
    pub(crate) fn mean_of(a: &Self, b: &Self) -> Result<Self, FaceError> {
        let mut mean = Self { values: a.values };
        mean.values.iter_mut().zip(&b.values).for_each(|(m, v)| *m += v);
        normalise(&mut mean.values)?;
        Ok(mean)
    }

    /// The cosine to another view.
    pub fn cosine(&self, other: &Self) -> Score {
        Score::new(dot(&self.values, &other.values))
    }

    /// The vector itself. Only for joining views and for the vault; never store, log or send it.
    pub const fn expose_values(&self) -> &[f32; EMBEDDING_LEN] {
        &self.values
    }
}

pub(crate) fn dot(a: &[f32; EMBEDDING_LEN], b: &[f32; EMBEDDING_LEN]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Scales to unit length.
pub(crate) fn normalise(values: &mut [f32; EMBEDDING_LEN]) -> Result<(), FaceError> {
    let norm = dot(values, values).sqrt();
    if !norm.is_finite() || norm <= f32::MIN_POSITIVE {
        return Err(FaceError::NoVector);
    }
    values.iter_mut().for_each(|v| *v /= norm);
    Ok(())
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
        for bad in [&[0.0; EMBEDDING_LEN][..], &nan, &[1.0; 127], &[f32::INFINITY; EMBEDDING_LEN]] {
            assert!(matches!(Embedding::from_raw(bad), Err(FaceError::NoVector)));
        }
    }
}
