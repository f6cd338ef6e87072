//! A small picture of the mouth, levelled and scaled by the eyes, so that mouths of different frames can be compared.

use face::{Detection, Luma};

/// Cells across and down.
const ACROSS: u16 = 24;
/// See [`ACROSS`].
const DOWN: u16 = 16;
/// What is covered, in eye distances from the middle between the eyes: along the eye line, and below it.
const ALONG: [f32; 2] = [-0.85, 0.85];
/// See [`ALONG`].
const BELOW: [f32; 2] = [0.6, 1.6];
/// Cells that a mouth may be moved by to fit.
const SHIFT: i32 = 2;
/// Samples per cell each way: cells average, they do not pick.
const FINE: u16 = 3;

/// Grey cells less their mean.
#[derive(Clone, Debug)]
pub(crate) struct Mouth(Vec<f32>);

impl Mouth {
    /// Reads the mouth; `scale` is picture pixels per luma pixel.
    pub(crate) fn read(luma: &Luma, detection: &Detection, scale: f32) -> Self {
        let [left, right, ..] = detection.points.0;
        let middle = [(left.x + right.x) * 0.5 / scale - 0.5, (left.y + right.y) * 0.5 / scale - 0.5];
        let axis = [(right.x - left.x) / scale, (right.y - left.y) / scale];
        let at = |step: u16, of: u16, range: [f32; 2]| {
            range[0] + (range[1] - range[0]) * (f32::from(step) + 0.5) / f32::from(of)
        };
        let mut cells = vec![0f32; usize::from(ACROSS) * usize::from(DOWN)];
        for v in 0..DOWN * FINE {
            let down = at(v, DOWN * FINE, BELOW);
            for u in 0..ACROSS * FINE {
                let along = at(u, ACROSS * FINE, ALONG);
                let x = middle[0] + along * axis[0] - down * axis[1];
                let y = middle[1] + along * axis[1] + down * axis[0];
                if let Some(cell) = cells.get_mut(usize::from(v / FINE) * usize::from(ACROSS) + usize::from(u / FINE)) {
                    *cell += sample(luma, x, y);
                }
            }
        }
        let samples = f32::from(FINE * FINE);
        let mean = cells.iter().sum::<f32>() / cells.len().max(1) as f32;
        cells.iter_mut().for_each(|cell| *cell = (*cell - mean) / samples);
        Self(cells)
    }

    /// The mean of several; `None` of none.
    pub(crate) fn mean<'a>(mouths: impl Iterator<Item = &'a Mouth>) -> Option<Self> {
        let mut sum = vec![0f32; usize::from(ACROSS) * usize::from(DOWN)];
        let mut count = 0f32;
        for mouth in mouths {
            sum.iter_mut().zip(&mouth.0).for_each(|(sum, cell)| *sum += cell);
            count += 1.0;
        }
        sum.iter_mut().for_each(|cell| *cell /= count);
        (count > 0.0).then_some(Self(sum))
    }

    /// How far this mouth is on the way `from` → `to`: 0 at the first, 1 at the second. `None` when the two are alike.
    ///
    /// Read at the place, within [`SHIFT`] cells, where it fits a mixture of the two best: the detector's points flicker from
    /// frame to frame, and a crop that jumps splits one cut into two small steps, or makes a leap of a grown smile.
    pub(crate) fn way(&self, from: &Mouth, to: &Mouth) -> Option<f32> {
        let places = (-SHIFT..=SHIFT).flat_map(|down| (-SHIFT..=SHIFT).map(move |along| (along, down)));
        let fits = places.filter_map(|place| self.fit(from, to, place));
        fits.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, way)| way)
    }

    /// Mean squared distance to the best mixture when moved by whole cells, and that mixture's place on the way.
    fn fit(&self, from: &Mouth, to: &Mouth, (along, down): (i32, i32)) -> Option<(f32, f32)> {
        let (width, height) = (i32::from(ACROSS), i32::from(DOWN));
        let cell = |x: i32, y: i32| usize::try_from(y * width + x).ok();
        let (mut dot, mut length, mut square, mut count) = (0f32, 0f32, 0f32, 0f32);
        for v in SHIFT..height - SHIFT {
            for u in SHIFT..width - SHIFT {
                let (here, there) = (cell(u, v)?, cell(u + along, v + down)?);
                let a = *from.0.get(here)?;
                let (step, off) = (*to.0.get(here)? - a, *self.0.get(there)? - a);
                dot += step * off;
                length += step * step;
                square += off * off;
                count += 1.0;
            }
        }
        (length > 1e-3).then(|| ((square - dot * dot / length) / count, dot / length))
    }
}

/// Bilinear grey value, edges repeated.
fn sample(luma: &Luma, x: f32, y: f32) -> f32 {
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
