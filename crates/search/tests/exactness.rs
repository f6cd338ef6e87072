//! The answers are those of comparing every f32 vector, on every kernel of this machine.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use search::{Hit, Index, Kernel, SearchError};

/// SplitMix64: enough for test vectors.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    fn unit(&mut self, n: usize) -> Vec<f32> {
        // Sums of four are near enough to a bell curve.
        unit((0..n).map(|_| (0..4).map(|_| self.next()).sum()).collect())
    }

    fn near(&mut self, v: &[f32], noise: f32) -> Vec<f32> {
        let other = self.unit(v.len());
        unit(v.iter().zip(other).map(|(a, b)| a + noise * b).collect())
    }
}

fn unit(mut v: Vec<f32>) -> Vec<f32> {
    let length = v.iter().map(|x| x * x).sum::<f32>().sqrt();
    v.iter_mut().for_each(|x| *x /= length);
    v
}

fn kernels() -> Vec<Kernel> {
    let mut all = vec![Kernel::Portable];
    if Kernel::detect() != Kernel::Portable {
        all.push(Kernel::detect());
    }
    all
}

fn same(a: &[Hit], b: &[Hit]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.key == y.key && x.cosine.to_bits() == y.cosine.to_bits())
}

#[test]
fn equals_brute_force_for_many_shapes_and_sizes() {
    let mut dice = Dice(7);
    for kernel in kernels() {
        for (n, count) in [(1, 3), (7, 40), (64, 65), (100, 1), (128, 5_000), (192, 700), (512, 300)] {
            let mut index = Index::with_kernel(n, kernel).unwrap();
            let vectors: Vec<Vec<f32>> = (0..count).map(|_| dice.unit(n)).collect();
            for (key, v) in vectors.iter().enumerate() {
                index.insert(key as u128, v).unwrap();
            }
            let queries: Vec<Vec<f32>> = (0..19)
                .map(|i| if i % 2 == 0 { dice.unit(n) } else { dice.near(&vectors[i % count], 0.3 * i as f32) })
                .collect();
            let borrowed: Vec<&[f32]> = queries.iter().map(Vec::as_slice).collect();
            for (wanted, at_least) in [(1, -1.0), (5, -1.0), (64, -1.0), (3, 0.2)] {
                let batch = index.search_batch(&borrowed, wanted, at_least).unwrap();
                for (query, answer) in borrowed.iter().zip(&batch) {
                    let reference = index.brute_force(query, wanted, at_least).unwrap();
                    assert!(same(answer, &reference), "{kernel:?} {n} {count} {wanted}");
                    assert!(same(&index.search(query, wanted, at_least).unwrap(), &reference));
                }
            }
        }
    }
}

#[test]
fn crowds_of_nearly_equal_vectors_are_told_apart() {
    let mut dice = Dice(11);
    for kernel in kernels() {
        let mut index = Index::with_kernel(128, kernel).unwrap();
        let centre = dice.unit(128);
        for key in 0..3_000 {
            index.insert(key, &dice.near(&centre, 0.001)).unwrap();
        }
        for _ in 0..5 {
            let query = dice.near(&centre, 0.001);
            let (fast, slow) = (index.search(&query, 3, -1.0).unwrap(), index.brute_force(&query, 3, -1.0).unwrap());
            assert!(same(&fast, &slow));
        }
        // All the same, bit for bit: any of them is right, and none is lost.
        let mut twins = Index::with_kernel(128, kernel).unwrap();
        (0..2_000).for_each(|key| twins.insert(key, &centre).unwrap());
        assert_eq!(twins.search(&centre, 64, 0.9).unwrap().len(), 64);
    }
}

#[test]
fn a_removed_vector_is_gone_and_the_others_stay() {
    let mut dice = Dice(3);
    let mut index = Index::new(128).unwrap();
    let vectors: Vec<Vec<f32>> = (0..400).map(|_| dice.unit(128)).collect();
    for (key, v) in vectors.iter().enumerate() {
        index.insert(key as u128, v).unwrap();
    }
    for key in (0..400).step_by(3) {
        assert!(index.remove(key));
        assert!(!index.remove(key));
    }
    assert_eq!(index.len(), 266);
    for (key, v) in vectors.iter().enumerate() {
        let hit = index.search(v, 1, 0.99).unwrap().first().map(|h| h.key);
        assert_eq!(hit, (key % 3 != 0).then_some(key as u128), "{key}");
    }
    (0..400).for_each(|key| assert_eq!(index.remove(key), key % 3 != 0));
    assert!(index.is_empty() && index.scanned_bytes() == 0);
    assert!(index.search(&vectors[0], 1, -1.0).unwrap().is_empty());
}

#[test]
fn a_few_keys_can_be_asked_for() {
    let mut dice = Dice(5);
    let mut index = Index::new(128).unwrap();
    let vectors: Vec<Vec<f32>> = (0..100).map(|_| dice.unit(128)).collect();
    for (key, v) in vectors.iter().enumerate() {
        index.insert(key as u128, v).unwrap();
    }
    let hits = index.among(&[3, 9, 777], &vectors[9], 2, -1.0).unwrap();
    assert_eq!(hits.iter().map(|h| h.key).collect::<Vec<_>>(), [9, 3]);
    assert!(index.among(&[3], &vectors[9], 1, 0.9).unwrap().is_empty());
}

#[test]
fn what_is_no_vector_is_refused() {
    let mut index = Index::new(4).unwrap();
    let v = [1.0, 0.0, 0.0, 0.0];
    index.insert(1, &v).unwrap();
    assert_eq!(index.insert(1, &v), Err(SearchError::Duplicate));
    assert_eq!(index.insert(2, &[1.0]), Err(SearchError::OtherLength { expected: 4, got: 1 }));
    for bad in [[2.0, 0.0, 0.0, 0.0], [0.0; 4], [f32::NAN; 4], [f32::INFINITY, 0.0, 0.0, 0.0]] {
        assert_eq!(index.insert(2, &bad), Err(SearchError::NotUnit));
        assert_eq!(index.search(&bad, 1, 0.0).err(), Some(SearchError::NotUnit));
    }
    assert_eq!(index.search(&v, 0, 0.0).err(), Some(SearchError::Hits(0)));
    assert_eq!(Index::new(0).err(), Some(SearchError::Dimensions(0)));
}
