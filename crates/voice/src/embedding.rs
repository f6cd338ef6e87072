use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::VoiceError;

/// Values in a speaker vector.
pub const EMBEDDING_LEN: usize = 192;

/// What 3 s of speech say of the speaker: 192 values of unit length.
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
    /// `raw` does not hold 192 finite values, or is all zero.
    pub fn from_raw(raw: &[f32]) -> Result<Self, VoiceError> {
        let mut values: [f32; EMBEDDING_LEN] = raw.try_into().map_err(|_| VoiceError::NoVector)?;
        let norm = dot(&values, &values).sqrt();
        if !norm.is_finite() || norm <= f32::MIN_POSITIVE {
            values.zeroize();
            return Err(VoiceError::NoVector);
        }
        values.iter_mut().for_each(|v| *v /= norm);
        Ok(Self { values })
    }

    /// The mean of several, of unit length again: a template, or the probe of a longer capture.
    ///
    /// # Errors
    /// None, or they cancel out.
    pub fn mean<'a>(all: impl IntoIterator<Item = &'a Self>) -> Result<Self, VoiceError> {
        let mut sum = [0.0; EMBEDDING_LEN];
        for one in all {
            sum.iter_mut().zip(&one.values).for_each(|(s, v)| *s += v);
        }
        let mean = Self::from_raw(&sum);
        sum.zeroize();
        mean
    }

    /// Cosine to another vector, −1..=1.
    pub fn cosine(&self, other: &Self) -> f32 {
        dot(&self.values, &other.values).clamp(-1.0, 1.0)
    }

    /// The vector itself. Only for the vault; never store, log or send it.
    pub const fn expose_values(&self) -> &[f32; EMBEDDING_LEN] {
        &self.values
    }
}

fn dot(a: &[f32; EMBEDDING_LEN], b: &[f32; EMBEDDING_LEN]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(at: usize) -> Embedding {
        let mut raw = [0.0; EMBEDDING_LEN];
        raw[at] = 3.0;
        Embedding::from_raw(&raw).unwrap()
    }

    #[test]
    fn unit_length_mean_and_cosine() {
        let mean = Embedding::mean([&axis(0), &axis(1)]).unwrap();
        assert!((mean.cosine(&axis(0)) - 0.5_f32.sqrt()).abs() < 1e-6);
        assert!((mean.cosine(&mean) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn unusable_vectors_are_refused() {
        for bad in [&[0.0; EMBEDDING_LEN][..], &[f32::NAN; EMBEDDING_LEN], &[1.0; 10]] {
            assert!(Embedding::from_raw(bad).is_err());
        }
        assert!(Embedding::mean([]).is_err());
    }
}
