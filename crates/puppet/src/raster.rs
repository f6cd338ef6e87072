//! Triangles to pixels: a z-buffer of texture coordinates, then one bilinear look-up per pixel.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are clamped to the buffers' width and height before use"
)]

use crate::pose::{FRAME_HEIGHT, FRAME_WIDTH};
use crate::vector::V2;
use image::RgbImage;

const W: usize = FRAME_WIDTH as usize;
const H: usize = FRAME_HEIGHT as usize;

/// A corner of a triangle on the frame.
#[derive(Clone, Copy, Default)]
pub struct Corner {
    pub at: V2,
    pub depth: f32,
    pub uv: V2,
}

/// What each pixel of the frame shows.
pub struct Plan {
    uv: Vec<V2>,
    depth: Vec<f32>,
    mouth: Vec<bool>,
}

impl Plan {
    /// A plan that shows the background: texture coordinate `origin + (pixel − centre) / scale`.
    pub fn background(origin: V2, centre: V2, scale: f32) -> Self {
        let k = 1.0 / scale;
        let mut uv = Vec::with_capacity(W * H);
        for y in 0..H {
            for x in 0..W {
                uv.push(origin + (V2::new(x as f32, y as f32) - centre) * k);
            }
        }
        Self { uv, depth: vec![f32::INFINITY; W * H], mouth: vec![false; W * H] }
    }

    /// Draws one triangle where it is nearer than what is there.
    pub fn triangle(&mut self, [a, b, c]: [Corner; 3], mouth: bool) {
        let area = (b.at.y - c.at.y) * (a.at.x - c.at.x) + (c.at.x - b.at.x) * (a.at.y - c.at.y);
        if area.abs() < 1e-6 || !area.is_finite() {
            return;
        }
        let Some((x0, x1)) = span(a.at.x, b.at.x, c.at.x, W) else {
            return;
        };
        let Some((y0, y1)) = span(a.at.y, b.at.y, c.at.y, H) else {
            return;
        };
        let k = 1.0 / area;
        let (ax, ay) = ((b.at.y - c.at.y) * k, (c.at.x - b.at.x) * k);
        let (bx, by) = ((c.at.y - a.at.y) * k, (a.at.x - c.at.x) * k);
        for y in y0..=y1 {
            let dy = y as f32 - c.at.y;
            for x in x0..=x1 {
                let dx = x as f32 - c.at.x;
                let (la, lb) = (ax * dx + ay * dy, bx * dx + by * dy);
                let lc = 1.0 - la - lb;
                if la < -1e-4 || lb < -1e-4 || lc < -1e-4 {
                    continue;
                }
                let depth = la * a.depth + lb * b.depth + lc * c.depth;
                let i = y * W + x;
                if depth < self.depth[i] {
                    self.depth[i] = depth;
                    self.uv[i] = a.uv * la + b.uv * lb + c.uv * lc;
                    self.mouth[i] = mouth;
                }
            }
        }
    }

    /// Looks every pixel up in `texture`.
    pub fn paint(&self, texture: &RgbImage) -> RgbImage {
        let mut out = RgbImage::new(FRAME_WIDTH, FRAME_HEIGHT);
        let (pixels, tw, th) = (texture.as_raw(), texture.width(), texture.height());
        if tw < 2 || th < 2 {
            return out;
        }
        for (pixel, uv) in out.as_mut().chunks_exact_mut(3).zip(&self.uv) {
            sample(pixels, (tw as usize, th as usize), *uv, pixel);
        }
        out
    }

    /// Texture coordinate of every pixel, row by row.
    pub fn coordinates(&self) -> &[V2] {
        &self.uv
    }

    /// Pixels of the open mouth, row by row.
    pub fn mouth(&self) -> &[bool] {
        &self.mouth
    }
}

/// First and last pixel that three coordinates span, cut to 0 … `n`−1; `None` when off the frame.
fn span(a: f32, b: f32, c: f32, n: usize) -> Option<(usize, usize)> {
    let low = a.min(b).min(c).floor().max(0.0);
    let high = a.max(b).max(c).ceil().min(n as f32 - 1.0);
    (low <= high).then_some((low as usize, high as usize))
}

/// Bilinear look-up in an RGB picture of at least 2 × 2 pixels; outside, its rim is repeated.
pub fn sample(pixels: &[u8], (w, h): (usize, usize), at: V2, out: &mut [u8]) {
    let x = at.x.clamp(0.0, w as f32 - 1.001);
    let y = at.y.clamp(0.0, h as f32 - 1.001);
    let (x0, y0) = ((x as usize).min(w - 2), (y as usize).min(h - 2));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let top = (y0 * w + x0) * 3;
    let low = top + w * 3;
    for (i, o) in out.iter_mut().enumerate().take(3) {
        let a = f32::from(pixels[top + i]) * (1.0 - fx) + f32::from(pixels[top + 3 + i]) * fx;
        let b = f32::from(pixels[low + i]) * (1.0 - fx) + f32::from(pixels[low + 3 + i]) * fx;
        *o = (a * (1.0 - fy) + b * fy + 0.5) as u8;
    }
}
