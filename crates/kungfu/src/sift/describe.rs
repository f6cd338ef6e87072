//! The direction of a keypoint and what it looks like.
#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bins are wrapped or bounded before they index"
)]

use super::Keypoint;
use super::pyramid::Plane;

/// Cells each way, and directions of each.
const CELLS: usize = 4;
const BINS: usize = 8;
/// Values of a descriptor.
pub(crate) const DIMS: usize = CELLS * CELLS * BINS;
/// Side of a cell, in smoothings.
const CELL: f32 = 3.0;
/// Samples across a cell.
const SAMPLES: usize = 4;
/// Share of its length beyond which a value is cut, against glare (Lowe).
const CUT: f32 = 0.2;
/// Directions of the histogram that the keypoint's own is taken from, and the share of the top that another one needs.
const TURNS: usize = 36;
const SECOND: f32 = 0.8;
/// Samples each way from the keypoint, and their distance in smoothings of the histogram.
const GRID: i32 = 7;
const STEP: f32 = 3.0 / 7.0;
/// Most directions of one keypoint.
const MOST: usize = 3;

/// Gradient at the nearest pixel; 0 outside.
#[inline]
fn gradient(plane: &Plane, x: f32, y: f32) -> (f32, f32) {
    let inside = x >= 1.0 && y >= 1.0 && x < plane.width as f32 - 2.0 && y < plane.height as f32 - 2.0;
    if !inside {
        return (0.0, 0.0);
    }
    let at = (y + 0.5) as usize * plane.width + (x + 0.5) as usize;
    let d = &plane.data;
    (d[at + 1] - d[at - 1], d[at + plane.width] - d[at - plane.width])
}

/// The direction of a vector, radians within ±π, to 0.005 (a polynomial; the library's function costs more than all else here).
#[inline]
fn direction(dx: f32, dy: f32) -> f32 {
    let (ax, ay) = (dx.abs(), dy.abs());
    let small = ax.min(ay) / ax.max(ay).max(1e-20);
    let square = small * small;
    let mut angle = ((-0.046_496_475 * square + 0.159_314_22) * square - 0.327_622_76) * square * small + small;
    if ay > ax {
        angle = std::f32::consts::FRAC_PI_2 - angle;
    }
    if dx < 0.0 {
        angle = std::f32::consts::PI - angle;
    }
    if dy < 0.0 { -angle } else { angle }
}

/// Where the gradients around the keypoint mostly point: up to three directions, radians.
pub(super) fn directions(plane: &Plane, keypoint: &Keypoint) -> Vec<f32> {
    let sigma = 1.5 * keypoint.sigma;
    let mut raw = [0.0_f32; TURNS];
    for j in -GRID..=GRID {
        for i in -GRID..=GRID {
            let (u, v) = (i as f32 * STEP, j as f32 * STEP);
            let (dx, dy) = gradient(plane, keypoint.x + u * sigma, keypoint.y + v * sigma);
            let weight = (-(u * u + v * v) / 2.0).exp() * (dx * dx + dy * dy).sqrt();
            let turn = direction(dx, dy) / std::f32::consts::TAU * TURNS as f32;
            raw[(turn.round() as i32).rem_euclid(TURNS as i32) as usize] += weight;
        }
    }
    let around = |h: &[f32; TURNS], at: usize, by: usize| h[(at + by + TURNS - 2) % TURNS];
    let smooth: [f32; TURNS] = std::array::from_fn(|at| {
        let w = |by: usize| around(&raw, at, by);
        (w(0) + w(4)) / 16.0 + (w(1) + w(3)) / 4.0 + w(2) * 6.0 / 16.0
    });
    let top = smooth.iter().copied().fold(0.0, f32::max);
    let mut peaks: Vec<(f32, f32)> = (0..TURNS)
        .filter_map(|at| {
            let (left, here, right) = (around(&smooth, at, 1), smooth[at], around(&smooth, at, 3));
            let peak = here > left && here > right && here >= SECOND * top;
            let off = 0.5 * (left - right) / (left - 2.0 * here + right).min(-1e-12);
            peak.then(|| (here, (at as f32 + off) / TURNS as f32 * std::f32::consts::TAU))
        })
        .collect();
    peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
    peaks.into_iter().take(MOST).map(|(_, angle)| angle).collect()
}

/// Gradients by place and direction, seen from the keypoint's own direction; each shared between the nearest cells and bins.
pub(super) fn descriptor(plane: &Plane, keypoint: &Keypoint, angle: f32) -> [f32; DIMS] {
    const SIDE: usize = (CELLS + 1) * SAMPLES;
    let (sin, cos) = angle.sin_cos();
    // One cell and one bin more each way, so that sharing needs no conditions.
    let mut bins = [[[0.0_f32; BINS + 1]; CELLS + 2]; CELLS + 2];
    for j in 0..SIDE {
        for i in 0..SIDE {
            let place = |n: usize| (n as f32 + 0.5) / SAMPLES as f32 - (CELLS + 1) as f32 / 2.0;
            let (u, v) = (place(i), place(j));
            let (px, py) = (u * CELL * keypoint.sigma, v * CELL * keypoint.sigma);
            let (dx, dy) = gradient(plane, keypoint.x + px * cos - py * sin, keypoint.y + px * sin + py * cos);
            let weight = (-(u * u + v * v) / (0.5 * (CELLS * CELLS) as f32)).exp() * (dx * dx + dy * dy).sqrt();
            let turn = ((direction(dx, dy) - angle) / std::f32::consts::TAU).rem_euclid(1.0) * BINS as f32;
            // Cell centres are at −1.5, −0.5, 0.5, 1.5.
            let (cx, cy) = (u + 2.5, v + 2.5);
            let (x0, y0, t0) = (cx as usize, cy as usize, (turn as usize).min(BINS - 1));
            let (ax, ay, at) = (cx - x0 as f32, cy - y0 as f32, turn - t0 as f32);
            for (y, wy) in [(y0, 1.0 - ay), (y0 + 1, ay)] {
                for (x, wx) in [(x0, 1.0 - ax), (x0 + 1, ax)] {
                    let share = weight * wy * wx;
                    bins[y][x][t0] += share * (1.0 - at);
                    bins[y][x][t0 + 1] += share * at;
                }
            }
        }
    }
    let mut values = [0.0; DIMS];
    for (at, value) in values.iter_mut().enumerate() {
        let (cell, turn) = (at / BINS, at % BINS);
        let cell = &bins[cell / CELLS + 1][cell % CELLS + 1];
        *value = cell[turn] + if turn == 0 { cell[BINS] } else { 0.0 };
    }
    rooted(values)
}

/// Cut against glare, then the root of each share: Euclidean distance becomes Hellinger's.
fn rooted(mut values: [f32; DIMS]) -> [f32; DIMS] {
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    let sum: f32 = {
        values.iter_mut().for_each(|v| *v = v.min(CUT * length));
        values.iter().sum()
    };
    values.map(|v| (v / sum.max(1e-20)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some waves, seen turned by `turn` and `scale` times larger about the middle.
    fn waves(turn: f32, scale: f32, side: usize) -> Plane {
        let (sin, cos) = turn.sin_cos();
        let middle = side as f32 / 2.0;
        let value = |i: usize| {
            let (x, y) = ((i % side) as f32 - middle, (i / side) as f32 - middle);
            let (u, v) = ((x * cos + y * sin) / scale, (y * cos - x * sin) / scale);
            0.5 + 0.2 * (0.31 * u + 0.2).sin() * (0.23 * v).cos() + 0.15 * (0.17 * u - 0.29 * v).sin()
        };
        Plane { width: side, height: side, data: (0..side * side).map(value).collect() }
    }

    #[test]
    fn the_polynomial_is_close_to_the_direction() {
        for step in 0..720 {
            let angle = (step as f32 / 2.0 - 179.9).to_radians();
            assert!((direction(angle.cos(), angle.sin()) - angle).abs() < 0.005, "{angle}");
        }
        assert!(direction(0.0, 0.0).abs() < 1e-6);
    }

    #[test]
    fn a_descriptor_stays_when_the_picture_is_turned_and_enlarged() {
        let keypoint = |sigma| Keypoint { x: 100.0, y: 100.0, layer: 1, sigma, contrast: 1.0 };
        let first = waves(0.0, 1.0, 200);
        let angle = directions(&first, &keypoint(2.0))[0];
        let before = descriptor(&first, &keypoint(2.0), angle);
        let (turn, scale) = (0.7, 1.6);
        let second = waves(turn, scale, 200);
        let turned = directions(&second, &keypoint(2.0 * scale))[0];
        let apart = (turned - angle - turn).rem_euclid(std::f32::consts::TAU);
        assert!(apart.min(std::f32::consts::TAU - apart) < 0.1, "{angle} {turned}");
        let after = descriptor(&second, &keypoint(2.0 * scale), turned);
        let cosine: f32 = before.iter().zip(&after).map(|(a, b)| a * b).sum();
        assert!(cosine > 0.97, "{cosine}");
        let other = descriptor(&first, &Keypoint { x: 60.0, y: 130.0, ..keypoint(2.0) }, angle);
        let apart: f32 = before.iter().zip(&other).map(|(a, b)| a * b).sum();
        assert!(apart < cosine - 0.05, "{apart}");
    }
}
