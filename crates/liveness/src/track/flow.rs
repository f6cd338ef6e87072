//! Pyramidal Lucas–Kanade flow with a forward–backward check.
#![expect(clippy::needless_range_loop, reason = "three planes are walked at one index")]
#![expect(
    clippy::indexing_slicing,
    reason = "`read` is the only reader of planes and checks that the window lies inside"
)]

use super::Spot;
use super::gray::{Plane, Pyramid};

/// Side of the window that is matched (pixels).
const WINDOW: usize = 16;
/// The window and one pixel more on each side, for gradients.
const WIDE: usize = WINDOW + 2;
/// Rounds per level.
const ROUNDS: usize = 12;
/// A step shorter than this ends a level (pixels).
const SETTLED: f32 = 0.02;
/// Mean squared gradient along the weaker direction below which a window cannot be followed (grey levels² per pixel²).
const FLAT: f32 = 0.5;
/// Largest mean absolute grey difference that still counts as the same window.
const ALIKE: f32 = 30.0;
/// Largest distance between a corner and where following it there and back ends (pixels).
const ROUND_TRIP: f32 = 1.0;

/// Follows `spots` from `from` to `to`; `None` where the window is lost or the way back ends elsewhere.
pub(crate) fn follow(from: &Pyramid, to: &Pyramid, spots: &[Spot]) -> Vec<Option<Spot>> {
    spots
        .iter()
        .map(|&spot| {
            let there = follow_one(from, to, spot)?;
            let back = follow_one(to, from, there)?;
            ((back[0] - spot[0]).hypot(back[1] - spot[1]) <= ROUND_TRIP).then_some(there)
        })
        .collect()
}

fn follow_one(from: &Pyramid, to: &Pyramid, spot: Spot) -> Option<Spot> {
    let mut shift = [0f32; 2];
    let levels = from.levels().len().min(to.levels().len());
    for level in (0..levels).rev() {
        let size = (1usize << level) as f32;
        let here = [spot[0] / size, spot[1] / size];
        let guess = [here[0] + shift[0], here[1] + shift[1]];
        let found = match_level(&from.levels()[level], &to.levels()[level], here, guess);
        match found {
            Some(at) => shift = [at[0] - here[0], at[1] - here[1]],
            // A coarse window may reach over the edge or be flat: the finer levels decide.
            None if level > 0 => {}
            None => return None,
        }
        if level > 0 {
            shift = [shift[0] * 2.0, shift[1] * 2.0];
        }
    }
    Some([spot[0] + shift[0], spot[1] + shift[1]])
}

/// One level: where the window around `here` in `from` lies in `to`, starting at `guess`.
fn match_level(from: &Plane, to: &Plane, here: Spot, guess: Spot) -> Option<Spot> {
    let template = Template::read(from, here)?;
    let mut at = guess;
    let mut error = f32::MAX;
    for _ in 0..ROUNDS {
        let mut window = [[0f32; WINDOW]; WINDOW];
        read(to, at, &mut window)?;
        let (step, difference) = template.step(&window);
        error = difference;
        at = [at[0] + step[0], at[1] + step[1]];
        if (at[0] - guess[0]).hypot(at[1] - guess[1]) > WINDOW as f32 {
            return None;
        }
        if step[0].hypot(step[1]) < SETTLED {
            break;
        }
    }
    (error <= ALIKE).then_some(at)
}

/// The window to find, with its gradients.
struct Template {
    grey: [[f32; WINDOW]; WINDOW],
    gx: [[f32; WINDOW]; WINDOW],
    gy: [[f32; WINDOW]; WINDOW],
    /// Inverse of the summed gradient matrix: xx, xy, yy.
    inverse: [f32; 3],
}

impl Template {
    fn read(plane: &Plane, at: Spot) -> Option<Self> {
        let mut wide = [[0f32; WIDE]; WIDE];
        read(plane, at, &mut wide)?;
        let mut grey = [[0f32; WINDOW]; WINDOW];
        let mut gx = [[0f32; WINDOW]; WINDOW];
        let mut gy = [[0f32; WINDOW]; WINDOW];
        let (mut xx, mut xy, mut yy) = (0f32, 0f32, 0f32);
        for v in 0..WINDOW {
            for u in 0..WINDOW {
                grey[v][u] = wide[v + 1][u + 1];
                gx[v][u] = (wide[v + 1][u + 2] - wide[v + 1][u]) * 0.5;
                gy[v][u] = (wide[v + 2][u + 1] - wide[v][u + 1]) * 0.5;
            }
            for u in 0..WINDOW {
                xx += gx[v][u] * gx[v][u];
                xy += gx[v][u] * gy[v][u];
                yy += gy[v][u] * gy[v][u];
            }
        }
        let half = (xx - yy) * 0.5;
        let weaker = (xx + yy) * 0.5 - (half * half + xy * xy).sqrt();
        if weaker / ((WINDOW * WINDOW) as f32) < FLAT {
            return None;
        }
        let determinant = xx * yy - xy * xy;
        (determinant > 0.0).then(|| Self {
            grey,
            gx,
            gy,
            inverse: [yy / determinant, -xy / determinant, xx / determinant],
        })
    }

    /// The step that lessens the difference to `window` (its mean brightness taken out), and the mean difference.
    fn step(&self, window: &[[f32; WINDOW]; WINDOW]) -> (Spot, f32) {
        let mut sum = 0f32;
        for v in 0..WINDOW {
            for u in 0..WINDOW {
                sum += self.grey[v][u] - window[v][u];
            }
        }
        let mean = sum / (WINDOW * WINDOW) as f32;
        let (mut bx, mut by, mut error) = (0f32, 0f32, 0f32);
        for v in 0..WINDOW {
            for u in 0..WINDOW {
                let difference = self.grey[v][u] - window[v][u] - mean;
                bx += difference * self.gx[v][u];
                by += difference * self.gy[v][u];
                error += difference.abs();
            }
        }
        let [xx, xy, yy] = self.inverse;
        ([xx * bx + xy * by, xy * bx + yy * by], error / (WINDOW * WINDOW) as f32)
    }
}

/// Reads an `N × N` window centred at `at`, bilinear; `None` when it reaches outside the plane.
fn read<const N: usize>(plane: &Plane, at: Spot, out: &mut [[f32; N]; N]) -> Option<()> {
    let reach = (N - 1) as f32 * 0.5;
    let (left, top) = (at[0] - reach, at[1] - reach);
    // NaN fails these comparisons too.
    if !(left >= 0.0 && top >= 0.0) {
        return None;
    }
    let (x, y) = (left as usize, top as usize);
    if x.checked_add(N + 1)? > plane.width || y.checked_add(N + 1)? > plane.height {
        return None;
    }
    let (fx, fy) = (left - x as f32, top - y as f32);
    let (a, b, c, d) = ((1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy);
    for (v, row) in out.iter_mut().enumerate() {
        let start = (y + v) * plane.width + x;
        let above = &plane.data[start..start + N + 1];
        let below = &plane.data[start + plane.width..start + plane.width + N + 1];
        for u in 0..N {
            row[u] = a * above[u] + b * above[u + 1] + c * below[u] + d * below[u + 1];
        }
    }
    Some(())
}
