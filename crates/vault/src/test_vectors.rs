//! Reproducible unit vectors for tests.

/// A unit vector drawn by `seed` (xorshift; sums of uniform numbers are near enough to normal).
pub(crate) fn unit(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    for _ in 0..16 {
        uniform();
    }
    normalise((0..n).map(|_| (0..6).map(|_| uniform()).sum()).collect())
}

/// A unit vector with about `cosine` to `a`.
pub(crate) fn near(a: &[f32], seed: u64, cosine: f32) -> Vec<f32> {
    let noise = unit(a.len(), seed);
    let side = (1.0 - cosine * cosine).sqrt();
    normalise(a.iter().zip(&noise).map(|(x, n)| cosine * x + side * n).collect())
}

fn normalise(v: Vec<f32>) -> Vec<f32> {
    let length = v.iter().map(|x| x * x).sum::<f32>().sqrt();
    v.into_iter().map(|x| x / length).collect()
}
