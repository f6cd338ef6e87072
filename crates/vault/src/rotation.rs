//! Keyed rotation of a vector: three rounds of seeded sign flips and a Hadamard transform.
//!
//! It makes templates *renewable and unlinkable*: cosines are kept under one seed and vanish across seeds.
//! It is not secrecy (as many known pairs as dimensions recover it); secrecy is the envelope's job.
#![expect(
    clippy::indexing_slicing,
    reason = "indices stay below the length, a power of two checked in `Rotation::new`"
)]

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::aead::SecretKey;
use crate::limits::MAX_DIMENSIONS;

/// One or two rounds leave visible structure; three mix like a random rotation.
const ROUNDS: usize = 3;
const SIGNS_INFO: &[u8] = b"smilepay rotation signs v1";

/// An orthogonal transform of vectors of one length.
pub(crate) struct Rotation {
    /// Length in, before padding.
    length: usize,
    /// Length out: the next power of two.
    padded: usize,
    /// One bit a sign, round after round.
    signs: Zeroizing<Vec<u8>>,
}

impl Rotation {
    pub fn new(seed: &SecretKey, length: usize) -> Result<Self, VaultError> {
        if length == 0 || length > MAX_DIMENSIONS {
            return Err(VaultError::BadFeatures);
        }
        let padded = length.next_power_of_two();
        let mut signs = Zeroizing::new(vec![0; (ROUNDS * padded).div_ceil(8)]);
        Hkdf::<Sha256>::new(None, seed.as_slice())
            .expand(SIGNS_INFO, &mut signs)
            .map_err(|_| VaultError::BadFeatures)?;
        Ok(Self { length, padded, signs })
    }

    pub const fn length(&self) -> usize {
        self.length
    }

    pub const fn padded(&self) -> usize {
        self.padded
    }

    /// Rotates `values` (as long as `length`); the result has the padded length.
    pub fn apply(&self, values: &[f32]) -> Zeroizing<Vec<f32>> {
        let mut v = Zeroizing::new(Vec::with_capacity(self.padded));
        v.extend(values.iter().take(self.length));
        v.resize(self.padded, 0.0);
        for round in 0..ROUNDS {
            self.flip(&mut v, round);
            hadamard(&mut v);
        }
        v
    }

    /// Undoes [`Rotation::apply`]; the result has the unpadded length.
    pub fn undo(&self, rotated: &[f32]) -> Zeroizing<Vec<f32>> {
        let mut v = Zeroizing::new(Vec::with_capacity(self.padded));
        v.extend(rotated.iter().take(self.padded));
        v.resize(self.padded, 0.0);
        for round in (0..ROUNDS).rev() {
            hadamard(&mut v);
            self.flip(&mut v, round);
        }
        v.truncate(self.length);
        v
    }

    fn flip(&self, v: &mut [f32], round: usize) {
        for (i, x) in v.iter_mut().enumerate() {
            let bit = round * self.padded + i;
            if self.signs[bit / 8] >> (bit % 8) & 1 == 1 {
                *x = -*x;
            }
        }
    }
}

/// In-place Walsh–Hadamard transform, scaled to keep lengths; its own inverse.
fn hadamard(v: &mut [f32]) {
    let n = v.len();
    let mut half = 1;
    while half < n {
        for block in v.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    let scale = 1.0 / (n as f32).sqrt();
    v.iter_mut().for_each(|x| *x *= scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aead::random;
    use crate::features::dot;
    use crate::test_vectors::{near, unit};

    fn rotation(n: usize) -> Rotation {
        Rotation::new(&random().unwrap(), n).unwrap()
    }

    #[test]
    fn one_key_keeps_the_cosine_and_undoes() {
        for n in [1, 2, 100, 128, 512] {
            let (key, a) = (rotation(n), unit(n, 1));
            let b = near(&a, 2, 0.7);
            let (ra, rb) = (key.apply(&a), key.apply(&b));
            assert!((dot(&ra, &rb) - dot(&a, &b)).abs() < 1e-5, "{n}");
            let worst = key.undo(&ra).iter().zip(&a).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{n}: {worst}");
        }
    }

    /// Two databases under two keys: can an observer tell the same person from another? (AUC 0.5 = no)
    #[test]
    fn two_keys_cannot_be_linked() {
        const PEOPLE: u64 = 5_000;
        let (mut same, mut other) = (Vec::new(), Vec::new());
        for i in 0..PEOPLE {
            let (person, stranger) = (unit(128, 10_000 + i), unit(128, 90_000 + i));
            let stored = rotation(128).apply(&person);
            same.push(dot(&stored, &rotation(128).apply(&person)));
            other.push(dot(&stored, &rotation(128).apply(&stranger)));
        }
        other.sort_by(f32::total_cmp);
        let wins: usize = same.iter().map(|s| other.partition_point(|o| o < s)).sum();
        let auc = wins as f64 / (same.len() * other.len()) as f64;
        // The standard error of the AUC is 0.0058 here: the bound is 3.5 of them, one run in two thousand by chance.
        assert!((auc - 0.5).abs() < 0.02, "AUC {auc}");
        let mean = same.iter().sum::<f32>() / same.len() as f32;
        assert!(mean.abs() < 0.006, "mean cosine across keys {mean}");
    }
}
