//! Teeth for a mouth that is closed in the portrait.
#![expect(
    clippy::indexing_slicing,
    reason = "the loops run over a box that is cut to the frame; the mask is frame-sized"
)]

use crate::pose::{FRAME_HEIGHT, FRAME_WIDTH};
use image::{Rgb, RgbImage};

const W: usize = FRAME_WIDTH as usize;
const H: usize = FRAME_HEIGHT as usize;
/// Colour of lit teeth, RGB.
const TOOTH: [f32; 3] = [225.0, 218.0, 205.0];
/// Weights of a small blur for the rim of the mouth.
const SOFT: [f32; 5] = [0.05, 0.25, 0.4, 0.25, 0.05];

/// Paints teeth where `mouth` is set, `strength` 0 … 1.
pub fn paint(frame: &mut RgbImage, mouth: &[bool], strength: f32) {
    let Some((x0, x1, y0, y1)) = bounds(mouth) else {
        return;
    };
    let width = (x1 - x0).max(1) as f32;
    let tooth = (width / 8.0).max(3.0);
    for y in y0.saturating_sub(2)..=(y1 + 2).min(H - 1) {
        for x in x0.saturating_sub(2)..=(x1 + 2).min(W - 1) {
            let cover = cover(mouth, x, y) * 0.92 * strength;
            if cover <= 0.0 {
                continue;
            }
            let across = ((x as f32 - x0 as f32) / width * 2.0 - 1.0).clamp(-1.0, 1.0);
            let from_middle = x as f32 - (x0 + x1) as f32 / 2.0;
            let gaps = 0.80 + 0.10 * (from_middle / tooth * std::f32::consts::TAU).cos();
            let shade = (1.0 - 0.55 * across.powi(4)) * gaps;
            let Rgb(old) = *frame.get_pixel(x as u32, y as u32);
            let mix = |i: usize| f32::from(old[i]) * (1.0 - cover) + TOOTH[i] * shade * cover;
            frame.put_pixel(x as u32, y as u32, Rgb([0, 1, 2].map(|i| mix(i) as u8)));
        }
    }
}

fn bounds(mouth: &[bool]) -> Option<(usize, usize, usize, usize)> {
    let mut found = None;
    for (i, _) in mouth.iter().enumerate().filter(|(_, m)| **m) {
        let (x, y) = (i % W, i / W);
        let (x0, x1, y0, y1) = found.unwrap_or((x, x, y, y));
        found = Some((x.min(x0), x.max(x1), y.min(y0), y.max(y1)));
    }
    found
}

/// Share of the mouth around a pixel, 0 … 1.
fn cover(mouth: &[bool], x: usize, y: usize) -> f32 {
    let mut sum = 0.0;
    for (dy, wy) in SOFT.iter().enumerate() {
        for (dx, wx) in SOFT.iter().enumerate() {
            let (px, py) = ((x + dx).saturating_sub(2), (y + dy).saturating_sub(2));
            if px < W && py < H && mouth[py * W + px] {
                sum += wx * wy;
            }
        }
    }
    sum
}
