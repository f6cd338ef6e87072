//! Local features: places and what they look like.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::limits::MAX_FEATURES;

/// Where a feature lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Zeroize)]
pub(crate) struct Spot {
    /// Picture pixels.
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Pixels of the picture that its neighbourhood's unit spans, > 0.
    pub(crate) size: f32,
    /// Direction in radians; 0 where the sort has none.
    pub(crate) angle: f32,
}

/// The features of one sort of one photo. Biometric: no `Debug`, `Clone` or serialisation, and wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Features {
    spots: Vec<Spot>,
    /// One descriptor after another, `dims` values each: a unit vector times [`UNIT`].
    values: Vec<i8>,
    dims: usize,
}

/// What a descriptor's length 1 is stored as.
pub(crate) const UNIT: f32 = 127.0;

impl Features {
    /// None yet; `dims` is a multiple of 64.
    pub(crate) fn new(dims: usize) -> Self {
        Self { spots: Vec::with_capacity(MAX_FEATURES), values: Vec::with_capacity(MAX_FEATURES * dims), dims }
    }

    /// Adds a feature while there is room; `descriptor` holds `dims` values and is scaled to length 1.
    pub(crate) fn push(&mut self, spot: Spot, descriptor: &[f32]) {
        let norm = descriptor.iter().map(|v| v * v).sum::<f32>().sqrt();
        if self.spots.len() >= MAX_FEATURES || descriptor.len() != self.dims || !(norm.is_finite() && norm > 1e-9) {
            return;
        }
        self.spots.push(spot);
        #[expect(clippy::cast_possible_truncation, reason = "within ±127")]
        self.values.extend(descriptor.iter().map(|v| (v / norm * UNIT).round() as i8));
    }

    /// As [`Features::push`] of what was stored.
    pub(crate) fn push_stored(&mut self, spot: Spot, descriptor: &[i8]) {
        self.spots.push(spot);
        self.values.extend_from_slice(descriptor);
    }

    pub(crate) fn spots(&self) -> &[Spot] {
        &self.spots
    }

    pub(crate) fn values(&self) -> &[i8] {
        &self.values
    }

    pub(crate) const fn dims(&self) -> usize {
        self.dims
    }

    pub(crate) fn len(&self) -> usize {
        self.spots.len()
    }
}
