//! Which feature of one photo is which of another: nearest in both directions, and clearly nearer than the next.

use nalgebra::DMatrix;

use crate::features::{Features, Spot, UNIT};

/// Two features that look like one.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) a: Spot,
    pub(crate) b: Spot,
}

/// What makes a pair.
#[derive(Clone, Copy)]
pub(crate) struct Nearness {
    /// Lowest cosine.
    pub(crate) cosine: f32,
    /// Largest distance, as a share of the distance to the second nearest; 1 = no such test.
    pub(crate) ratio: f32,
}

/// The best and the second best cosine of one feature, and with which one.
#[derive(Clone, Copy)]
struct Best {
    cosine: f32,
    next: f32,
    at: usize,
}

impl Best {
    const NONE: Self = Self { cosine: f32::NEG_INFINITY, next: f32::NEG_INFINITY, at: usize::MAX };

    #[inline]
    fn offer(&mut self, cosine: f32, at: usize) {
        if cosine > self.next {
            if cosine > self.cosine {
                (self.next, self.cosine, self.at) = (self.cosine, cosine, at);
            } else {
                self.next = cosine;
            }
        }
    }

    fn passes(&self, nearness: Nearness) -> bool {
        // Squared distances of unit vectors.
        let distance = |cosine: f32| 2.0 - 2.0 * cosine.clamp(-1.0, 1.0);
        self.cosine >= nearness.cosine && distance(self.cosine) <= nearness.ratio * nearness.ratio * distance(self.next)
    }
}

/// Pairs of `a` and `b`; both of one sort. The same features give the same pairs in the same order.
pub(crate) fn pairs(a: &Features, b: &Features, nearness: Nearness) -> Vec<Pair> {
    if a.dims() != b.dims() || a.len() == 0 || b.len() == 0 {
        return Vec::new();
    }
    // One column for each feature of `a`, one row for each of `b`.
    let cosines = matrix(b).transpose() * matrix(a);
    let (mut of_a, mut of_b) = (vec![Best::NONE; a.len()], vec![Best::NONE; b.len()]);
    for ((i, column), best) in cosines.as_slice().chunks_exact(b.len()).enumerate().zip(&mut of_a) {
        for ((j, cosine), back) in column.iter().enumerate().zip(&mut of_b) {
            best.offer(*cosine, j);
            back.offer(*cosine, i);
        }
    }
    let mutual = of_a
        .iter()
        .enumerate()
        .filter(|(i, best)| of_b.get(best.at).is_some_and(|back| back.at == *i) && best.passes(nearness));
    let pair = |(i, best): (usize, &Best)| Some(Pair { a: *a.spots().get(i)?, b: *b.spots().get(best.at)? });
    mutual.filter_map(pair).collect()
}

/// One unit vector in each column.
fn matrix(features: &Features) -> DMatrix<f32> {
    let values = features.values().iter().map(|v| f32::from(*v) / UNIT);
    DMatrix::from_iterator(features.dims(), features.len(), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32, count: usize) -> Features {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let mut all = Features::new(64);
        for i in 0..count {
            let values: Vec<f32> = (0..64).map(|_| next()).collect();
            all.push(Spot { x: i as f32, ..Spot::default() }, &values);
        }
        all
    }

    #[test]
    fn the_same_features_pair_with_themselves_and_noise_with_nothing() {
        let (a, b) = (noise(7, 90), noise(8, 70));
        let strict = Nearness { cosine: 0.7, ratio: 0.85 };
        let own = pairs(&a, &a, strict);
        assert_eq!(own.len(), 90);
        assert!(own.iter().all(|p| p.a == p.b));
        assert!(pairs(&a, &b, strict).is_empty());
        assert!(!pairs(&a, &b, Nearness { cosine: -1.0, ratio: 1.0 }).is_empty());
    }

    #[test]
    fn nothing_and_other_sorts_pair_with_nothing() {
        let loose = Nearness { cosine: -1.0, ratio: 1.0 };
        assert!(pairs(&noise(1, 5), &Features::new(64), loose).is_empty());
        assert!(pairs(&noise(1, 5), &Features::new(128), loose).is_empty());
    }
}
