//! The plain biometric: one unit vector with what is needed to compare it.

use zeroize::{Zeroize, Zeroizing};

use crate::VaultError;
use crate::limits::{MAX_DIMENSIONS, MAX_MODEL_BYTES};

/// Enrolled features in clear. They cannot be printed, copied or serialised, and are wiped when dropped:
///
/// ```compile_fail
/// fn needs<T: std::fmt::Debug>() {}
/// needs::<vault::Features>();
/// ```
/// ```compile_fail
/// fn needs<T: Clone>() {}
/// needs::<vault::Features>();
/// ```
/// ```compile_fail
/// fn needs<T: serde::Serialize>() {}
/// needs::<vault::Features>();
/// ```
pub struct Features {
    values: Zeroizing<Vec<f32>>,
    views: u8,
    eye_openness: f32,
    model: String,
}

/// How far from 1 the squared length of a unit vector may be.
const UNIT_TOLERANCE: f32 = 1e-3;

impl Features {
    /// `values`: unit vector, 1 to 2048 long. `views`: pictures averaged in it. `eye_openness`: the enrolled openness
    /// (0 = unknown). `model`: id of the network that made it, ≤ 100 bytes.
    ///
    /// # Errors
    /// [`VaultError::BadFeatures`] for anything else; `values` are wiped then too.
    pub fn new(values: Vec<f32>, views: u8, eye_openness: f32, model: &str) -> Result<Self, VaultError> {
        let values = Zeroizing::new(values);
        let right_size = (1..=MAX_DIMENSIONS).contains(&values.len()) && (1..=MAX_MODEL_BYTES).contains(&model.len());
        let length: f32 = values.iter().map(|v| v * v).sum();
        let unit = (length - 1.0).abs() < UNIT_TOLERANCE;
        let ok = right_size && unit && eye_openness.is_finite() && views > 0;
        if ok {
            Ok(Self { values, views, eye_openness, model: model.to_owned() })
        } else {
            Err(VaultError::BadFeatures)
        }
    }

    /// The unit vector. Keep it inside the closure that got it.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub const fn views(&self) -> u8 {
        self.views
    }

    pub const fn eye_openness(&self) -> f32 {
        self.eye_openness
    }

    pub fn model(&self) -> &str {
        &self.model
    }

    /// Cosine with another unit vector of the same length; `None` when the lengths differ.
    pub fn cosine(&self, other: &[f32]) -> Option<f32> {
        (self.values.len() == other.len()).then(|| dot(&self.values, other))
    }
}

pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

impl Drop for Features {
    fn drop(&mut self) {
        self.eye_openness.zeroize();
        self.views.zeroize();
    }
}
