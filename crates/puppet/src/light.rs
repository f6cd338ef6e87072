//! Camera noise and light.
#![expect(clippy::indexing_slicing, reason = "table positions are masked to the tables' power-of-two lengths")]

use image::RgbImage;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Entries of the noise table; a power of two.
const TABLE: usize = 1 << 14;

/// How a camera sees: brightness, contrast curve and sensor noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// Factor on linear brightness, 1 = as in the portrait.
    pub gain: f32,
    /// Exponent of the tone curve, 1 = as in the portrait.
    pub gamma: f32,
    /// Standard deviation of the grain in grey levels (0 … 255).
    pub noise: f32,
}

impl Default for Light {
    fn default() -> Self {
        Self { gain: 1.0, gamma: 1.0, noise: 2.0 }
    }
}

impl Light {
    /// Applies light and grain; the same seed gives the same grain.
    pub fn apply(&self, frame: &mut RgbImage, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let table: Vec<f32> = (0..TABLE).map(|_| gauss(&mut rng) * self.noise).collect();
        let tone: [f32; 256] =
            std::array::from_fn(|v| (v as f32 / 255.0 * self.gain).clamp(0.0, 1.0).powf(self.gamma) * 255.0);
        let row = frame.width() as usize * 3;
        for line in frame.as_mut().chunks_exact_mut(row.max(1)) {
            let start: usize = rng.random_range(0..TABLE);
            for (i, v) in line.iter_mut().enumerate() {
                let noise = table[(start + i * 5) & (TABLE - 1)];
                *v = (tone[usize::from(*v)] + noise + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// A normal random number by the sum of uniform ones: within ±3.5 sigma, which is all that grain needs.
fn gauss(rng: &mut ChaCha8Rng) -> f32 {
    (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0
}
