//! Lays the steady part of a face in one frame on the same part of another.

use face::Luma;

/// Samples per cell each way: cells average, they do not pick.
const FINE: u16 = 3;
/// Brows, eyes and the bridge of the nose.
const STEADY: Grid = Grid { across: 24, down: 16, along: [-0.85, 0.85], below: [-0.45, 0.6] };
/// Steps of the search; it is done well before.
const STEPS: usize = 8;
/// A step this small (eye distances) ends the search: a tenth of a pixel.
const SETTLED: f32 = 0.002;
/// Farthest the found place may lie from the detector's, in eye distances; farther is no flicker but a wrong fit.
const FARTHEST: f32 = 0.2;

/// Where the eyes are, in luma pixels: the middle between them, and the way from the left to the right one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    middle: [f32; 2],
    axis: [f32; 2],
}

impl Place {
    /// From the eyes in picture pixels; `scale` is picture pixels per luma pixel.
    pub(crate) fn between(left: [f32; 2], right: [f32; 2], scale: f32) -> Self {
        let middle = [(left[0] + right[0]) * 0.5 / scale - 0.5, (left[1] + right[1]) * 0.5 / scale - 0.5];
        Self { middle, axis: [(right[0] - left[0]) / scale, (right[1] - left[1]) / scale] }
    }

    /// Luma pixel of a point given in eye distances along the eye line and below it.
    fn at(&self, along: f32, below: f32) -> [f32; 2] {
        let [ax, ay] = self.axis;
        [self.middle[0] + along * ax - below * ay, self.middle[1] + along * ay + below * ax]
    }

    /// Moved by `[along, below]` eye distances, grown by `1 + grow` and turned by about `turn` radians.
    fn moved(&self, [along, below, grow, turn]: [f32; 4]) -> Self {
        let [ax, ay] = self.axis;
        let (grow, turn) = (1.0 + grow, turn);
        Self { middle: self.at(along, below), axis: [grow * ax - turn * ay, turn * ax + grow * ay] }
    }

    /// Largest of the moves that lead from `other` here, in `other`'s eye distances.
    fn distance(&self, other: &Self) -> f32 {
        let eyes = other.axis[0].hypot(other.axis[1]).max(1e-3);
        let middle = (self.middle[0] - other.middle[0]).hypot(self.middle[1] - other.middle[1]);
        let axis = (self.axis[0] - other.axis[0]).hypot(self.axis[1] - other.axis[1]);
        middle.max(axis) / eyes
    }
}

/// Cells over a part of the face, in eye distances.
pub(crate) struct Grid {
    pub(crate) across: u16,
    pub(crate) down: u16,
    pub(crate) along: [f32; 2],
    pub(crate) below: [f32; 2],
}

impl Grid {
    pub(crate) fn cells(&self) -> usize {
        usize::from(self.across) * usize::from(self.down)
    }

    /// Grey of every cell, row by row, less their mean.
    pub(crate) fn read(&self, luma: &Luma, place: &Place) -> Vec<f32> {
        let mut cells = vec![0f32; self.cells()];
        for v in 0..self.down * FINE {
            let below = between(self.below, v, self.down * FINE);
            for u in 0..self.across * FINE {
                let along = between(self.along, u, self.across * FINE);
                let at = usize::from(v / FINE) * usize::from(self.across) + usize::from(u / FINE);
                if let Some(cell) = cells.get_mut(at) {
                    *cell += sample(luma, place.at(along, below));
                }
            }
        }
        let mean = cells.iter().sum::<f32>() / cells.len().max(1) as f32;
        cells.iter_mut().for_each(|cell| *cell = (*cell - mean) / f32::from(FINE * FINE));
        cells
    }

    /// Middle of a cell in eye distances.
    fn middle(&self, column: u16, row: u16) -> [f32; 2] {
        [between(self.along, column, self.across), between(self.below, row, self.down)]
    }
}

/// Middle of the `index`th of `count` equal parts of `range`.
fn between(range: [f32; 2], index: u16, count: u16) -> f32 {
    range[0] + (range[1] - range[0]) * (f32::from(index) + 0.5) / f32::from(count)
}

/// The steady part of the first frame, ready to lay others on it: inverse compositional Lucas–Kanade with a similarity
/// (Baker & Matthews, "Lucas–Kanade 20 years on", IJCV 56, 2004).
pub(crate) struct Steady {
    cells: Vec<f32>,
    /// Change of each cell when the face moves along, below, grows, turns.
    slopes: Vec<[f32; 4]>,
    inverse: [[f32; 4]; 4],
}

impl Steady {
    /// `None` where there is nothing to hold on to (fog, a blank).
    pub(crate) fn learn(luma: &Luma, place: Place) -> Option<Self> {
        let cells = STEADY.read(luma, &place);
        let slopes = slopes(&cells);
        let mut normal = [[0f32; 4]; 4];
        for slope in &slopes {
            for (row, a) in normal.iter_mut().zip(slope) {
                row.iter_mut().zip(slope).for_each(|(sum, b)| *sum += a * b);
            }
        }
        Some(Self { cells, slopes, inverse: inverse(normal)? })
    }

    /// The place near `found` where `luma` shows the steady part as the first frame did; `found` when there is none.
    pub(crate) fn settle(&self, luma: &Luma, found: Place) -> Place {
        let mut place = found;
        for _ in 0..STEPS {
            let step = self.step(&STEADY.read(luma, &place));
            place = place.moved(step.map(|part| -part));
            let distance = place.distance(&found);
            if distance.is_nan() || distance > FARTHEST {
                return found;
            }
            if step.iter().all(|part| part.abs() < SETTLED) {
                break;
            }
        }
        if self.misfit(luma, &place) < self.misfit(luma, &found) { place } else { found }
    }

    fn step(&self, cells: &[f32]) -> [f32; 4] {
        let mut pull = [0f32; 4];
        for ((now, then), slope) in cells.iter().zip(&self.cells).zip(&self.slopes) {
            pull.iter_mut().zip(slope).for_each(|(sum, part)| *sum += part * (now - then));
        }
        self.inverse.map(|row| row.iter().zip(&pull).map(|(a, b)| a * b).sum())
    }

    fn misfit(&self, luma: &Luma, place: &Place) -> f32 {
        STEADY.read(luma, place).iter().zip(&self.cells).map(|(now, then)| (now - then) * (now - then)).sum()
    }
}

/// Central differences, as changes under the four moves; less their means, since the mean grey is left out.
fn slopes(cells: &[f32]) -> Vec<[f32; 4]> {
    let (across, down) = (STEADY.across, STEADY.down);
    let grey = |column: u16, row: u16| {
        cells.get(usize::from(row) * usize::from(across) + usize::from(column)).copied().unwrap_or(0.0)
    };
    let wide = (STEADY.along[1] - STEADY.along[0]) / f32::from(across);
    let high = (STEADY.below[1] - STEADY.below[0]) / f32::from(down);
    let mut slopes = Vec::with_capacity(cells.len());
    for row in 0..down {
        let (above, under) = (row.saturating_sub(1), (row + 1).min(down - 1));
        for column in 0..across {
            let (before, after) = (column.saturating_sub(1), (column + 1).min(across - 1));
            let gx = (grey(after, row) - grey(before, row)) / (f32::from(after - before) * wide);
            let gy = (grey(column, under) - grey(column, above)) / (f32::from(under - above) * high);
            let [along, below] = STEADY.middle(column, row);
            slopes.push([gx, gy, gx * along + gy * below, gy * along - gx * below]);
        }
    }
    let mut mean = [0f32; 4];
    for slope in &slopes {
        mean.iter_mut().zip(slope).for_each(|(sum, part)| *sum += part / slopes.len() as f32);
    }
    for slope in &mut slopes {
        slope.iter_mut().zip(&mean).for_each(|(part, mean)| *part -= mean);
    }
    slopes
}

/// Inverse by Gauss–Jordan; `None` when it is singular. Fit for the four rows at hand, which are symmetric and positive.
fn inverse(matrix: [[f32; 4]; 4]) -> Option<[[f32; 4]; 4]> {
    let mut left = matrix;
    let mut right = [[0f32; 4]; 4];
    right
        .iter_mut()
        .enumerate()
        .for_each(|(i, row)| row.iter_mut().enumerate().for_each(|(j, x)| *x = f32::from(i == j)));
    for pivot in 0..4 {
        let scale = *left.get(pivot)?.get(pivot)?;
        if scale.is_nan() || scale.abs() <= 1e-3 {
            return None;
        }
        let (line, other) = (left.get(pivot)?.map(|x| x / scale), right.get(pivot)?.map(|x| x / scale));
        for row in 0..4 {
            let (a, b) = (left.get_mut(row)?, right.get_mut(row)?);
            if row == pivot {
                (*a, *b) = (line, other);
                continue;
            }
            let factor = *a.get(pivot)?;
            a.iter_mut().zip(&line).for_each(|(x, y)| *x -= factor * y);
            b.iter_mut().zip(&other).for_each(|(x, y)| *x -= factor * y);
        }
    }
    Some(right)
}

/// Bilinear grey value, edges repeated.
fn sample(luma: &Luma, [x, y]: [f32; 2]) -> f32 {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let x = x.clamp(0.0, luma.width() as f32 - 1.0);
    let y = y.clamp(0.0, luma.height() as f32 - 1.0);
    let (i, j) = (x as usize, y as usize);
    let (fx, fy) = (x - i as f32, y - j as f32);
    let grey = |i: usize, j: usize| {
        let place = j.min(height.saturating_sub(1)) * width + i.min(width.saturating_sub(1));
        luma.data().get(place).copied().map_or(0.0, f32::from)
    };
    let top = grey(i, j) * (1.0 - fx) + grey(i + 1, j) * fx;
    let bottom = grey(i, j + 1) * (1.0 - fx) + grey(i + 1, j + 1) * fx;
    top * (1.0 - fy) + bottom * fy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{Shape, detection, shoot};

    #[test]
    fn finds_back_what_the_detector_moved() {
        let luma = shoot(Shape::Ellipsoid, 0.0, 1);
        let [left, right, ..] = detection(Shape::Ellipsoid, 0.0).points.0;
        let place = Place::between([left.x, left.y], [right.x, right.y], 1.0);
        let steady = Steady::learn(&luma, place).unwrap();
        let next = shoot(Shape::Ellipsoid, 0.0, 2);
        for flicker in [[0.05, 0.03, 0.02, -0.02], [-0.06, 0.04, -0.03, 0.03], [0.0, -0.07, 0.04, 0.0]] {
            let settled = steady.settle(&next, place.moved(flicker));
            assert!(settled.distance(&place) < 0.012, "{flicker:?}: {}", settled.distance(&place));
        }
    }

    #[test]
    fn a_blank_gives_nothing_to_hold_on_to() {
        let blank = Luma::new(320, 240, vec![90; 320 * 240]).unwrap();
        assert!(Steady::learn(&blank, Place::between([100.0, 100.0], [160.0, 100.0], 1.0)).is_none());
    }

    #[test]
    fn a_blank_leaves_the_place_alone() {
        let luma = shoot(Shape::Ellipsoid, 0.0, 1);
        let place = Place::between([130.0, 110.0], [190.0, 110.0], 1.0);
        let steady = Steady::learn(&luma, place).unwrap();
        let blank = Luma::new(luma.width(), luma.height(), vec![90; luma.data().len()]).unwrap();
        assert_eq!(steady.settle(&blank, place), place);
    }
}
