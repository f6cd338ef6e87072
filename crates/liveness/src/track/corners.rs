//! Corners worth following (Shi–Tomasi) inside the face.
#![expect(clippy::indexing_slicing, reason = "x and y stay one pixel inside the plane, whose length is width·height")]

use super::Spot;
use super::gray::Plane;

/// Part of the best corner's strength that a corner needs.
const QUALITY: f32 = 0.003;
/// Closest two corners may be (pixels).
const APART: f32 = 3.0;

/// An upright ellipse in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ellipse {
    pub(crate) centre: Spot,
    pub(crate) half_width: f32,
    pub(crate) half_height: f32,
}

impl Ellipse {
    fn holds(&self, x: usize, y: usize) -> bool {
        let dx = (x as f32 - self.centre[0]) / self.half_width;
        let dy = (y as f32 - self.centre[1]) / self.half_height;
        dx * dx + dy * dy <= 1.0
    }

    /// Columns and rows to look at, kept two pixels inside a plane; empty when the ellipse lies outside.
    fn range(&self, plane: &Plane) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let cut = |middle: f32, half: f32, size: usize| {
            let first = (middle - half).max(2.0) as usize;
            let last = ((middle + half).max(0.0) as usize).min(size.saturating_sub(3));
            first..last.max(first)
        };
        (cut(self.centre[0], self.half_width, plane.width), cut(self.centre[1], self.half_height, plane.height))
    }
}

/// Up to `most` corners inside `face`, strongest first.
pub(crate) fn corners(plane: &Plane, face: &Ellipse, most: usize) -> Vec<Spot> {
    let mut found = strengths(plane, face);
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)).then(a.1.cmp(&b.1)));
    let floor = found.first().map_or(0.0, |best| best.0 * QUALITY);
    let mut kept: Vec<Spot> = Vec::new();
    // Cells as large as the distance: a corner only has to look at its own and the eight around it.
    let across = (plane.width as f32 / APART) as usize + 1;
    let down = (plane.height as f32 / APART) as usize + 1;
    let mut cells: Vec<Option<Spot>> = vec![None; across * down];
    for (strength, x, y) in found {
        if kept.len() >= most || strength <= floor {
            break;
        }
        let spot = [x as f32, y as f32];
        let (cx, cy) = ((spot[0] / APART) as usize, (spot[1] / APART) as usize);
        let crowded = (cy.saturating_sub(1)..=(cy + 1).min(down - 1)).any(|v| {
            (cx.saturating_sub(1)..=(cx + 1).min(across - 1)).any(|u| {
                cells[v * across + u].is_some_and(|other| (other[0] - spot[0]).hypot(other[1] - spot[1]) < APART)
            })
        });
        if !crowded {
            cells[cy * across + cx] = Some(spot);
            kept.push(spot);
        }
    }
    kept
}

/// Smaller eigenvalue of the 3×3 summed gradient matrix at each local maximum inside the face: (strength, x, y).
fn strengths(plane: &Plane, face: &Ellipse) -> Vec<(f32, usize, usize)> {
    let (xs, ys) = face.range(plane);
    if xs.is_empty() || ys.is_empty() {
        return Vec::new();
    }
    let (left, top) = (xs.start - 1, ys.start - 1);
    let (width, height) = (xs.len() + 2, ys.len() + 2);
    let mut products = vec![[0f32; 3]; width * height];
    for v in 0..height {
        for u in 0..width {
            let (gx, gy) = gradient(plane, left + u, top + v);
            products[v * width + u] = [gx * gx, gx * gy, gy * gy];
        }
    }
    let mut strength = vec![0f32; width * height];
    for v in 1..height - 1 {
        for u in 1..width - 1 {
            if !face.holds(left + u, top + v) {
                continue;
            }
            let mut sum = [0f32; 3];
            for row in v - 1..=v + 1 {
                for product in &products[row * width + u - 1..=row * width + u + 1] {
                    sum[0] += product[0];
                    sum[1] += product[1];
                    sum[2] += product[2];
                }
            }
            let half = (sum[0] - sum[2]) * 0.5;
            strength[v * width + u] = (sum[0] + sum[2]) * 0.5 - (half * half + sum[1] * sum[1]).sqrt();
        }
    }
    let mut out = Vec::new();
    for v in 1..height - 1 {
        for u in 1..width - 1 {
            let here = strength[v * width + u];
            let highest = here > 0.0
                && (v - 1..=v + 1)
                    .all(|row| strength[row * width + u - 1..=row * width + u + 1].iter().all(|&other| other <= here));
            if highest {
                out.push((here, left + u, top + v));
            }
        }
    }
    out
}

/// Sobel gradient; `x` and `y` are at least one pixel inside.
fn gradient(plane: &Plane, x: usize, y: usize) -> (f32, f32) {
    let at = |dx: usize, dy: usize| plane.data[(y + dy - 1) * plane.width + x + dx - 1];
    let gx = at(2, 0) - at(0, 0) + 2.0 * (at(2, 1) - at(0, 1)) + at(2, 2) - at(0, 2);
    let gy = at(0, 2) - at(0, 0) + 2.0 * (at(1, 2) - at(1, 0)) + at(2, 2) - at(2, 0);
    (gx, gy)
}
