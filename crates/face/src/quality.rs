#![expect(clippy::indexing_slicing, reason = "loops stay one pixel inside of the fixed-size crop")]
#![expect(clippy::cast_precision_loss, reason = "counts below 2^24")]

use crate::align::{ARCFACE_TEMPLATE, Similarity};
use crate::geometry::Detection;
use crate::landmarks::Mesh;
use crate::picture::Picture;
use crate::warp::warp_square;

/// Side of the aligned crop that quality is measured in, whatever the recogniser's own is.
const SIZE: u32 = 112;
const SIDE: usize = SIZE as usize;
/// Rows and columns of the aligned crop that show skin, eyes and mouth, not hair or background.
const INNER: std::ops::Range<usize> = 20..100;

/// How usable one view of a face is. Measurements only; what is good enough is decided elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Longer side of the face's box in picture pixels.
    pub face_px: f32,
    /// Variance of the Laplacian of grey values 0..=255 in the aligned 112×112 crop, so that it does not depend on the
    /// distance. A blurred face is below about 30, a crisp one above 100.
    pub sharpness: f32,
    /// Mean grey value of the inner face, 0..=1.
    pub brightness: f32,
    /// Standard deviation of the grey values of the inner face, 0..=0.5.
    pub contrast: f32,
    /// As [`crate::FivePoints::nose_offset`].
    pub nose_offset: f32,
    /// The detector's score, 0.6..=1.
    pub score: f32,
    /// As [`Mesh::eye_openness`]; `None` when no mesh was given.
    pub eye_openness: Option<f32>,
}

/// Measures one view. Cheap (about 0.3 ms); a face whose points coincide gets zeroes.
pub fn quality(picture: &Picture, face: &Detection, mesh: Option<&Mesh>) -> Quality {
    let grey = aligned_grey(picture, face);
    let (brightness, contrast) = light(&grey);
    Quality {
        face_px: face.bbox.side(),
        sharpness: laplacian_variance(&grey),
        brightness,
        contrast,
        nose_offset: face.points.nose_offset(),
        score: face.bbox.score,
        eye_openness: mesh.and_then(Mesh::eye_openness),
    }
}

impl Quality {
    /// Weight of this view in a template, 0.05..=1: large, sharp, frontal and surely detected views count more.
    pub fn weight(&self) -> f32 {
        let size = (self.face_px / 112.0).clamp(0.2, 1.0);
        let sharp = (self.sharpness / 100.0).clamp(0.1, 1.0).sqrt();
        let frontal = (1.0 - self.nose_offset.abs()).clamp(0.2, 1.0);
        let weight = size * sharp * frontal * self.score.clamp(0.1, 1.0);
        if weight.is_finite() { weight.clamp(0.05, 1.0) } else { 0.05 }
    }
}

fn aligned_grey(picture: &Picture, face: &Detection) -> Vec<f32> {
    let mut grey = vec![0.0; SIDE * SIDE];
    if let Some(map) = Similarity::fit(&face.points.0, &ARCFACE_TEMPLATE).and_then(|s| s.inverse()) {
        warp_square(picture, &map, SIZE, |i, [r, g, b]| grey[i] = 0.299 * r + 0.587 * g + 0.114 * b);
    }
    grey
}

fn light(grey: &[f32]) -> (f32, f32) {
    let inner = || INNER.flat_map(|y| INNER.map(move |x| grey[y * SIDE + x]));
    let n = (INNER.len() * INNER.len()) as f32;
    let mean = inner().sum::<f32>() / n;
    let variance = inner().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n;
    (mean / 255.0, variance.sqrt() / 255.0)
}

fn laplacian_variance(grey: &[f32]) -> f32 {
    let edge = |y: usize, x: usize| {
        let i = y * SIDE + x;
        grey[i - 1] + grey[i + 1] + grey[i - SIDE] + grey[i + SIDE] - 4.0 * grey[i]
    };
    let inner = || INNER.flat_map(|y| INNER.map(move |x| edge(y, x)));
    let n = (INNER.len() * INNER.len()) as f32;
    let mean = inner().sum::<f32>() / n;
    inner().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n
}
