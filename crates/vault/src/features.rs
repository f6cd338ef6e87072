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
    /// The vector as it was enrolled, once it has been aged.
    anchor: Option<Zeroizing<Vec<f32>>>,
}

/// Features after [`Features::towards`].
pub struct Aged {
    pub features: Features,
    /// Cosine to the vector that was enrolled, −1…1.
    pub anchor_cosine: f32,
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
            Ok(Self { values, views, eye_openness, model: model.to_owned(), anchor: None })
        } else {
            Err(VaultError::BadFeatures)
        }
    }

    /// The same, with the vector that it was aged from.
    ///
    /// # Errors
    /// [`VaultError::BadFeatures`] for an anchor of another length, or not of unit length.
    pub(crate) fn anchored(mut self, anchor: Vec<f32>) -> Result<Self, VaultError> {
        let anchor = Zeroizing::new(anchor);
        let unit = (dot(&anchor, &anchor) - 1.0).abs() < UNIT_TOLERANCE;
        (unit && anchor.len() == self.values.len()).then_some(()).ok_or(VaultError::BadFeatures)?;
        self.anchor = Some(anchor);
        Ok(self)
    }

    /// The vector as it was enrolled, where that is not the present one.
    pub(crate) fn anchor(&self) -> Option<&[f32]> {
        self.anchor.as_ref().map(|a| a.as_slice())
    }

    /// These features moved towards a probe by `share` (0..=1) of the way, and how near they still are to what was enrolled.
    /// Whether that is near enough is not decided here.
    ///
    /// # Errors
    /// [`VaultError::OtherModel`], or opposite vectors.
    pub fn towards(&self, probe: &Self, share: f32) -> Result<Aged, VaultError> {
        if probe.model != self.model {
            return Err(VaultError::OtherModel { expected: self.model.clone(), found: probe.model.clone() });
        }
        (probe.values.len() == self.values.len()).then_some(()).ok_or(VaultError::BadFeatures)?;
        let share = share.clamp(0.0, 1.0);
        let moved = self.values.iter().zip(probe.values.iter()).map(|(v, p)| (1.0 - share) * v + share * p);
        let mut moved: Zeroizing<Vec<f32>> = Zeroizing::new(moved.collect());
        let length = dot(&moved, &moved).sqrt();
        moved.iter_mut().for_each(|v| *v /= length);
        let anchor = self.anchor().unwrap_or(&self.values).to_vec();
        let features = Self::new(moved.to_vec(), self.views, self.eye_openness, &self.model)?.anchored(anchor)?;
        let anchor_cosine = dot(&features.values, features.anchor().unwrap_or(&features.values));
        Ok(Aged { features, anchor_cosine })
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
