//! Places that stand out in scale space: extrema of the differences, placed between the pixels, without edges.

use super::pyramid::{Octave, Plane};
use super::{Keypoint, LAYERS};

/// Least contrast, on a scale where the whole range of grey is 1 (Lowe: 0.03; lower, because skin blurs ink).
const CONTRAST: f32 = 0.02 / LAYERS as f32;
/// Largest ratio of the two curvatures: more is an edge, whose place along it is not sure.
const EDGE: f32 = 10.0;
/// Pixels at the border that are left out.
const BORDER: usize = 5;
/// Steps to the right pixel.
const STEPS: usize = 5;

pub(super) fn keypoints(octave: &Octave) -> Vec<Keypoint> {
    let mut found = Vec::new();
    for layer in 1..=LAYERS {
        let Some([below, here, above]) = octave.differences.get(layer - 1..layer + 2).and_then(|d| d.first_chunk())
        else {
            continue;
        };
        let rows = here.data.chunks_exact(here.width).enumerate().take(here.height.saturating_sub(BORDER)).skip(BORDER);
        for (y, row) in rows {
            for (x, value) in row.iter().enumerate().take(here.width.saturating_sub(BORDER)).skip(BORDER) {
                if value.abs() > 0.5 * CONTRAST && is_extreme(*value, x, y, [here, below, above]) {
                    found.extend(placed(octave, x, y, layer));
                }
            }
        }
    }
    found
}

/// Whether none of the 26 neighbours is further from 0.
fn is_extreme(value: f32, x: usize, y: usize, planes: [&Plane; 3]) -> bool {
    let sign = value.signum();
    let beats = |plane: &Plane, row: usize| {
        let at = row * plane.width + x - 1;
        plane.data.get(at..at + 3).is_some_and(|three| three.iter().all(|v| sign * v <= sign * value))
    };
    planes.iter().all(|plane| (y - 1..=y + 1).all(|row| beats(plane, row)))
}

/// Moves to where a quadratic through the neighbours has its extremum; `None` for what is too weak, an edge, or runs away.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the borders")]
fn placed(octave: &Octave, mut x: usize, mut y: usize, mut layer: usize) -> Option<Keypoint> {
    for _ in 0..STEPS {
        let [below, here, above]: &[Plane; 3] = octave.differences.get(layer - 1..layer + 2)?.first_chunk()?;
        let v = here.at(x, y);
        let g = [
            (here.at(x + 1, y) - here.at(x - 1, y)) / 2.0,
            (here.at(x, y + 1) - here.at(x, y - 1)) / 2.0,
            (above.at(x, y) - below.at(x, y)) / 2.0,
        ];
        let xx = here.at(x + 1, y) + here.at(x - 1, y) - 2.0 * v;
        let yy = here.at(x, y + 1) + here.at(x, y - 1) - 2.0 * v;
        let ss = above.at(x, y) + below.at(x, y) - 2.0 * v;
        let cross = |a: &Plane, b: &Plane, (dx, dy): (usize, usize)| {
            (a.at(x + dx, y + dy) - a.at(x - dx, y - dy) - b.at(x + dx, y + dy) + b.at(x - dx, y - dy)) / 4.0
        };
        let xy = (here.at(x + 1, y + 1) - here.at(x - 1, y + 1) - here.at(x + 1, y - 1) + here.at(x - 1, y - 1)) / 4.0;
        let (xs, ys) = (cross(above, below, (1, 0)), cross(above, below, (0, 1)));
        let off = solve([xx, xy, xs, yy, ys, ss], g)?;
        if off.iter().all(|o| o.abs() <= 0.5) {
            let contrast = v + 0.5 * (g[0] * off[0] + g[1] * off[1] + g[2] * off[2]);
            let (trace, det) = (xx + yy, xx * yy - xy * xy);
            if contrast.abs() < CONTRAST || det <= 0.0 || trace * trace * EDGE >= (EDGE + 1.0) * (EDGE + 1.0) * det {
                return None;
            }
            let sigma = octave.sigma * octave.step.powf(layer as f32 + off[2]);
            return Some(Keypoint {
                x: x as f32 + off[0],
                y: y as f32 + off[1],
                layer,
                sigma,
                contrast: contrast.abs(),
            });
        }
        let moved = |at: usize, by: f32| at as f32 + by.clamp(-2.0, 2.0).round();
        let (nx, ny, nl) = (moved(x, off[0]), moved(y, off[1]), moved(layer, off[2]));
        let inside = |v: f32, side: usize| v >= BORDER as f32 && v < side.saturating_sub(BORDER) as f32;
        if !inside(nx, here.width) || !inside(ny, here.height) || nl < 1.0 || nl > LAYERS as f32 {
            return None;
        }
        (x, y, layer) = (nx as usize, ny as usize, nl as usize);
    }
    None
}

/// `−H⁻¹ g` of the symmetric `H = [xx, xy, xs; ., yy, ys; ., ., ss]`.
fn solve([xx, xy, xs, yy, ys, ss]: [f32; 6], [gx, gy, gs]: [f32; 3]) -> Option<[f32; 3]> {
    let (a, b, c) = (yy * ss - ys * ys, xs * ys - xy * ss, xy * ys - xs * yy);
    let det = xx * a + xy * b + xs * c;
    if det.abs() < 1e-18 {
        return None;
    }
    let (d, e, f) = (xx * ss - xs * xs, xs * xy - xx * ys, xx * yy - xy * xy);
    let out = [-(a * gx + b * gy + c * gs) / det, -(b * gx + d * gy + e * gs) / det, -(c * gx + e * gy + f * gs) / det];
    out.iter().all(|v| v.is_finite()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::super::{LAYERS, SIGMA};
    use super::*;

    #[test]
    fn a_blob_is_found_where_it_is_and_as_large_as_it_is() {
        let (cx, cy, size) = (41.3_f32, 37.8_f32, 3.0_f32);
        let value = |x: usize, y: usize| {
            let square = (x as f32 - cx).powi(2) + (y as f32 - cy).powi(2);
            0.5 * (-square / (2.0 * size * size)).exp()
        };
        let data = (0..80 * 80).map(|i| value(i % 80, i / 80)).collect();
        let octave = Octave::of(Plane { width: 80, height: 80, data }, SIGMA, LAYERS);
        let found = keypoints(&octave);
        let best = found.iter().max_by(|a, b| a.contrast.total_cmp(&b.contrast)).unwrap();
        assert!((best.x - cx).abs() < 0.15 && (best.y - cy).abs() < 0.15, "{} {}", best.x, best.y);
    }

    #[test]
    fn a_straight_edge_and_a_blank_give_nothing() {
        for value in [|x: usize| if x < 40 { 0.1 } else { 0.9 }, |_| 0.5] {
            let data = (0..80 * 80).map(|i| value(i % 80)).collect();
            let octave = Octave::of(Plane { width: 80, height: 80, data }.blurred(1.5), SIGMA, LAYERS);
            assert!(keypoints(&octave).is_empty());
        }
    }

    #[test]
    fn systems_are_solved() {
        // H = [2 1 0; 1 3 1; 0 1 4], g = H·(1, −2, 0.5)
        let g = [0.0, -4.5, 0.0];
        let out = solve([2.0, 1.0, 0.0, 3.0, 1.0, 4.0], g).unwrap();
        let back = [2.0 * out[0] + out[1], out[0] + 3.0 * out[1] + out[2], out[1] + 4.0 * out[2]];
        assert!(back.iter().zip(g).all(|(b, g)| (b + g).abs() < 1e-5), "{out:?}");
        assert!(solve([0.0; 6], g).is_none());
    }
}
