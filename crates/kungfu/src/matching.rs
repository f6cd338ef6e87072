//! Which feature of one photo is which of another: nearest in both directions, and clearly nearer than the next.

use multiversion::multiversion;

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

/// The best and the second best dot product of one feature, and with which one.
#[derive(Clone, Copy)]
struct Best {
    dot: i32,
    next: i32,
    at: usize,
}

const NONE: Best = Best { dot: i32::MIN, next: i32::MIN, at: usize::MAX };

impl Best {
    fn offer(&mut self, dot: i32, at: usize) {
        if dot > self.dot {
            (self.next, self.dot, self.at) = (self.dot, dot, at);
        } else if dot > self.next {
            self.next = dot;
        }
    }
}

/// Pairs of `a` and `b`; both of one sort. The same features give the same pairs in the same order.
pub(crate) fn pairs(a: &Features, b: &Features, nearness: Nearness) -> Vec<Pair> {
    if a.dims() != b.dims() || a.len() == 0 || b.len() == 0 {
        return Vec::new();
    }
    let (mut of_a, mut of_b) = (vec![NONE; a.len()], vec![NONE; b.len()]);
    compare(a.values(), b.values(), a.dims(), &mut of_a, &mut of_b);
    let mutual = of_a
        .iter()
        .enumerate()
        .filter(|(i, best)| of_b.get(best.at).is_some_and(|back| back.at == *i) && best.passes(nearness));
    let pair = |(i, best): (usize, &Best)| Some(Pair { a: *a.spots().get(i)?, b: *b.spots().get(best.at)? });
    mutual.filter_map(pair).collect()
}

impl Best {
    #[expect(clippy::cast_precision_loss, reason = "dot products below 2^22")]
    fn passes(&self, nearness: Nearness) -> bool {
        let cosine = |dot: i32| (dot as f32 / (UNIT * UNIT)).clamp(-1.0, 1.0);
        // Squared distances of unit vectors.
        let (near, next) = (2.0 - 2.0 * cosine(self.dot), 2.0 - 2.0 * cosine(self.next.max(-(1 << 14))));
        cosine(self.dot) >= nearness.cosine && near <= nearness.ratio * nearness.ratio * next
    }
}

/// Every dot product once, told to both sides.
#[multiversion(targets(
    "x86_64+avx+avx2+bmi1+bmi2+fma+lzcnt+avx512f+avx512bw+avx512dq+avx512vl",
    "x86_64+avx+avx2+fma"
))]
fn compare(a: &[i8], b: &[i8], dims: usize, of_a: &mut [Best], of_b: &mut [Best]) {
    for ((i, row), best) in a.chunks_exact(dims).enumerate().zip(of_a.iter_mut()) {
        for ((j, other), back) in b.chunks_exact(dims).enumerate().zip(of_b.iter_mut()) {
            let (row, _) = row.as_chunks::<64>();
            let (other, _) = other.as_chunks::<64>();
            let mut dot = 0_i32;
            for (x, y) in row.iter().zip(other) {
                for (u, v) in x.iter().zip(y) {
                    dot += i32::from(*u) * i32::from(*v);
                }
            }
            best.offer(dot, j);
            back.offer(dot, i);
        }
    }
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
