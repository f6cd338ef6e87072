//! XFeat on the engine: grey picture → local features.
#![expect(clippy::indexing_slicing, reason = "places lie inside the network's fixed output, whose length was checked")]

use face::Luma;
use nn::Session;

use crate::canvas::{SHAPES, View};
use crate::error::KungfuError;
use crate::features::{Features, Spot};

/// Names of the outputs.
pub(crate) const OUTPUTS: [&str; 4] = ["feats", "heat", "heatmax", "reliability"];
/// Values of a descriptor.
pub(crate) const DIMS: usize = 64;
/// Pixels along one side of a descriptor's cell.
const CELL: usize = 8;
/// Heat below which a place is no keypoint, as the authors use it.
const HOT: f32 = 0.05;
/// Pixels at the picture's edge where the network sees what is not there.
const EDGE: usize = 4;

/// The strongest `most` features of what `view` shows.
pub(crate) fn look(session: &mut Session, view: &View, most: usize) -> Result<Features, KungfuError> {
    let (width, height) = SHAPES[view.shape];
    let outputs = session.run(|input| lay_out(&view.grey, width, input))?;
    let cells = (width / CELL) * (height / CELL);
    let feats = outputs.named("feats", DIMS * cells)?;
    let heat = outputs.named("heat", width * height)?;
    let highest = outputs.named("heatmax", width * height)?;
    let reliability = outputs.named("reliability", cells)?;
    let grid = Grid { columns: width / CELL, rows: height / CELL };
    let (w, h) = (view.grey.width() as usize, view.grey.height() as usize);
    let mut found = Vec::new();
    for y in EDGE..h.saturating_sub(EDGE) {
        for x in EDGE..w.saturating_sub(EDGE) {
            let at = y * width + x;
            if heat[at] > HOT && heat[at] >= highest[at] {
                let (cells, weights) = grid.around(x, y);
                let sure: f32 = (0..4).map(|n| weights[n] * reliability[cells[n]]).sum();
                found.push((heat[at] * sure, x, y));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut features = Features::new(DIMS);
    let stride = grid.columns * grid.rows;
    for (_, x, y) in found.into_iter().take(most) {
        let (cells, weights) = grid.around(x, y);
        let value = |c: usize| (0..4).map(|n| weights[n] * feats[c * stride + cells[n]]).sum();
        let descriptor: [f32; DIMS] = std::array::from_fn(value);
        let [px, py] = view.to_picture(x as f32, y as f32);
        features.push(Spot { x: px, y: py, size: view.scale * CELL as f32, angle: 0.0 }, &descriptor);
    }
    Ok(features)
}

/// Lays the grey picture into the canvas' top left corner; what is left gets its mean.
fn lay_out(grey: &Luma, width: usize, input: &mut [f32]) {
    let sum: u64 = grey.data().iter().map(|v| u64::from(*v)).sum();
    let mean = sum as f32 / grey.data().len().max(1) as f32;
    let mut rows = grey.data().chunks_exact(grey.width() as usize);
    for line in input.chunks_exact_mut(width) {
        line.fill(mean);
        if let Some(row) = rows.next() {
            line.iter_mut().zip(row).for_each(|(to, v)| *to = f32::from(*v));
        }
    }
}

/// The descriptors' cells.
struct Grid {
    columns: usize,
    rows: usize,
}

impl Grid {
    /// The four cells whose centres are around a pixel, and their weights.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the grid")]
    fn around(&self, x: usize, y: usize) -> ([usize; 4], [f32; 4]) {
        let along = |v: usize, count: usize| {
            let place = ((v as f32 + 0.5) / CELL as f32 - 0.5).clamp(0.0, (count - 1) as f32);
            let first = (place as usize).min(count.saturating_sub(2));
            (first, place - first as f32)
        };
        let ((cx, ax), (cy, ay)) = (along(x, self.columns), along(y, self.rows));
        let at = cy * self.columns + cx;
        let cells = [at, at + 1, at + self.columns, at + self.columns + 1];
        (cells, [(1.0 - ax) * (1.0 - ay), ax * (1.0 - ay), (1.0 - ax) * ay, ax * ay])
    }
}
