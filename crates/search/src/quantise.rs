//! From f32 to 8 bits, with the error that this makes.
//!
//! A vector v is kept as s·q + e (q whole numbers −127..=127, s its scale, e what is lost), a query u as t·p + f. Then
//! u·v − s·t·(p·q) = u·e + f·(v − e), so by Cauchy–Schwarz and because u and v have length 1 the 8-bit cosine is off by at
//! most |e| + |f|·(1 + |e|).

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Largest whole number.
const LEVELS: f32 = 127.0;
/// Room for the rounding of f32 sums, far above what 2,048 additions of a unit vector can lose.
pub(crate) const ROUNDING: f32 = 1e-5;

/// A vector in 8 bits.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Quantised {
    /// Padded with zeros.
    pub(crate) values: Vec<i8>,
    pub(crate) scale: f32,
    /// Length of what was lost.
    pub(crate) lost: f32,
}

impl Quantised {
    /// `padded` ≥ the vector's length.
    pub(crate) fn of(vector: &[f32], padded: usize) -> Self {
        let largest = vector.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        let scale = if largest > 0.0 { largest / LEVELS } else { 1.0 };
        let mut values = Vec::with_capacity(padded);
        values.extend(vector.iter().map(|v| whole(v / scale)));
        values.resize(padded, 0);
        let lost = vector.iter().zip(&values).map(|(v, q)| (v - f32::from(*q) * scale).powi(2)).sum::<f32>().sqrt();
        Self { values, scale, lost }
    }

    /// Sum of the whole numbers: what the stored offset adds to a product, per unit of offset.
    pub(crate) fn sum(&self) -> i32 {
        self.values.iter().map(|v| i32::from(*v)).sum()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i8")]
fn whole(v: f32) -> i8 {
    v.round().clamp(-LEVELS, LEVELS) as i8
}

/// How far an 8-bit cosine can be from the true one, for a query that lost `query` and vectors that lost at most `vectors`.
pub(crate) fn error_bound(query: f32, vectors: f32) -> f32 {
    vectors + query * (1.0 + vectors) + ROUNDING
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exact::dot;

    fn unit(raw: &[f32]) -> Option<Vec<f32>> {
        let length = dot(raw, raw).sqrt();
        (length > 0.1).then(|| raw.iter().map(|v| v / length).collect())
    }

    proptest! {
        #[test]
        fn the_bound_holds(a in prop::collection::vec(-1.0_f32..1.0, 64), b in prop::collection::vec(-1.0_f32..1.0, 64)) {
            let (Some(a), Some(b)) = (unit(&a), unit(&b)) else { return Ok(()) };
            let (qa, qb) = (Quantised::of(&a, 64), Quantised::of(&b, 64));
            let whole: i32 = qa.values.iter().zip(&qb.values).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum();
            let rough = whole as f32 * qa.scale * qb.scale;
            prop_assert!((rough - dot(&a, &b)).abs() <= error_bound(qa.lost, qb.lost));
        }
    }

    #[test]
    fn little_is_lost() {
        let spread: Vec<f32> = (0..128_u8).map(|i| f32::from(i).sin()).collect();
        let v = unit(&spread).unwrap();
        assert!(Quantised::of(&v, 128).lost < 0.01);
        let mut axis = vec![0.0; 128];
        axis[5] = 1.0;
        assert!(Quantised::of(&axis, 128).lost < 1e-6);
    }
}
