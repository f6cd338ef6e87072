//! One plane's motion between two views: a homography, found by RANSAC.
#![expect(clippy::indexing_slicing, reason = "systems are 8×9, maps hold 8 numbers, picks index pairs by construction")]

use super::Spot;

/// Rounds of four random pairs. With half the pairs on the plane, 200 rounds miss it once in 4·10⁵ runs.
const ROUNDS: usize = 400;
/// Times the best map is fitted again to the pairs that agree with it.
const REFITS: usize = 4;

/// A corner in the first and in the last frame of a window.
pub type Pair = (Spot, Spot);

/// Largest share of `pairs` that one homography maps to within `tolerance` pixels, 0..1. Same pairs, same answer.
pub fn plane_share(pairs: &[Pair], tolerance: f32) -> f32 {
    if pairs.len() < 4 {
        return 0.0;
    }
    let normal = Normal::of(pairs);
    let scaled: Vec<[f64; 4]> = pairs.iter().map(|pair| normal.apply(pair)).collect();
    let limit = f64::from(tolerance) * normal.to_scale;
    let mut random = Lcg(0x5eed_0f5e_1f1e_5eed);
    let mut best = 0usize;
    for _ in 0..ROUNDS {
        let picks = random.four(scaled.len());
        let Some(map) = fit(picks.iter().map(|&pick| &scaled[pick])) else { continue };
        let agree = map.count(&scaled, limit);
        if agree > best {
            best = refined(map, agree, &scaled, limit);
        }
        if best == scaled.len() {
            break;
        }
    }
    best as f32 / pairs.len() as f32
}

/// Fits again to the agreeing pairs while that makes more of them agree.
fn refined(mut map: Map, mut agree: usize, scaled: &[[f64; 4]], limit: f64) -> usize {
    for _ in 0..REFITS {
        let Some(next) = fit(scaled.iter().filter(|pair| map.error(pair) <= limit)) else { break };
        let count = next.count(scaled, limit);
        if count <= agree {
            break;
        }
        (map, agree) = (next, count);
    }
    agree
}

/// A homography whose last number is 1; safe because both views are centred on the tracked corners.
struct Map([f64; 8]);

impl Map {
    fn error(&self, pair: &[f64; 4]) -> f64 {
        let [x, y, u, v] = *pair;
        let h = &self.0;
        let depth = h[6] * x + h[7] * y + 1.0;
        if depth <= 1e-6 {
            return f64::MAX;
        }
        ((h[0] * x + h[1] * y + h[2]) / depth - u).hypot((h[3] * x + h[4] * y + h[5]) / depth - v)
    }

    fn count(&self, scaled: &[[f64; 4]], limit: f64) -> usize {
        scaled.iter().filter(|pair| self.error(pair) <= limit).count()
    }
}

/// Least squares over the pairs' two linear equations each; exact for four.
fn fit<'a>(pairs: impl Iterator<Item = &'a [f64; 4]>) -> Option<Map> {
    let mut system = [[0f64; 9]; 8];
    for &[x, y, u, v] in pairs {
        add(&mut system, [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u]);
        add(&mut system, [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v]);
    }
    solve(system).map(Map)
}

/// Adds one equation (eight coefficients and the right side) to the normal equations.
fn add(system: &mut [[f64; 9]; 8], equation: [f64; 9]) {
    for (row, &factor) in system.iter_mut().zip(&equation) {
        if factor != 0.0 {
            for (cell, &value) in row.iter_mut().zip(&equation) {
                *cell += factor * value;
            }
        }
    }
}

/// Gauss elimination with row exchange; `None` when the system is singular (three corners on a line).
fn solve(mut system: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|&a, &b| system[a][column].abs().total_cmp(&system[b][column].abs()))?;
        if system[pivot][column].abs() < 1e-12 {
            return None;
        }
        system.swap(column, pivot);
        let lead = system[column];
        for row in system.iter_mut().skip(column + 1) {
            let factor = row[column] / lead[column];
            for (cell, &value) in row.iter_mut().zip(&lead).skip(column) {
                *cell -= factor * value;
            }
        }
    }
    let mut solution = [0f64; 8];
    for row in (0..8).rev() {
        let known: f64 = (row + 1..8).map(|k| system[row][k] * solution[k]).sum();
        solution[row] = (system[row][8] - known) / system[row][row];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

/// Moves each view's corners to mean 0 and mean distance √2, for well-conditioned systems.
struct Normal {
    from: [f64; 2],
    to: [f64; 2],
    from_scale: f64,
    to_scale: f64,
}

impl Normal {
    fn of(pairs: &[Pair]) -> Self {
        let (from, from_scale) = centre(pairs.iter().map(|pair| pair.0));
        let (to, to_scale) = centre(pairs.iter().map(|pair| pair.1));
        Self { from, to, from_scale, to_scale }
    }

    fn apply(&self, (a, b): &Pair) -> [f64; 4] {
        [
            (f64::from(a[0]) - self.from[0]) * self.from_scale,
            (f64::from(a[1]) - self.from[1]) * self.from_scale,
            (f64::from(b[0]) - self.to[0]) * self.to_scale,
            (f64::from(b[1]) - self.to[1]) * self.to_scale,
        ]
    }
}

fn centre(spots: impl Iterator<Item = Spot> + Clone) -> ([f64; 2], f64) {
    let count = spots.clone().count().max(1) as f64;
    let sum = spots.clone().fold([0f64; 2], |sum, s| [sum[0] + f64::from(s[0]), sum[1] + f64::from(s[1])]);
    let middle = [sum[0] / count, sum[1] / count];
    let spread = spots.map(|s| (f64::from(s[0]) - middle[0]).hypot(f64::from(s[1]) - middle[1])).sum::<f64>() / count;
    (middle, std::f64::consts::SQRT_2 / spread.max(1e-6))
}

/// A fixed stream of picks: evidence must not depend on luck.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % count
    }

    /// Four different positions below `count` (≥ 4).
    fn four(&mut self, count: usize) -> [usize; 4] {
        let mut picks = [0usize; 4];
        let mut filled = 0;
        while filled < 4 {
            let pick = self.below(count);
            if !picks[..filled].contains(&pick) {
                picks[filled] = pick;
                filled += 1;
            }
        }
        picks
    }
}
