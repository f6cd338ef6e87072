//! SIFT (Lowe, *Distinctive Image Features from Scale-Invariant Keypoints*, 2004) with RootSIFT descriptors (Arandjelović and
//! Zisserman 2012): features that keep their look when they are turned, shrunk and lit otherwise, each with a size and a direction of
//! its own. Our own, because no network that a registry ships reached it on tattoos (BENCHMARKS.md, *Tattoos and pets*).
//!
//! Differences to the paper, for speed: the picture is not doubled, and a descriptor samples the smoothed picture on a fixed
//! grid of 20 × 20 places instead of at every pixel.

mod describe;
mod pyramid;
mod scan;

use face::Luma;

use crate::canvas::View;
use crate::error::KungfuError;
use crate::features::{Features, Spot};
use pyramid::{Octave, Plane};

pub(crate) use describe::DIMS;

/// Pixels that a view is shrunk or enlarged to, and how much it may be enlarged. On the development pairs 220,000 lost a partial view
/// and 450,000 gained nothing.
const AREA: f32 = 330_000.0;
const MOST_ENLARGED: f32 = 2.0;
/// Smoothing of the finest layer, pixels; what a camera gives is taken to have [`CAMERA_BLUR`].
const SIGMA: f32 = 1.6;
const CAMERA_BLUR: f32 = 0.5;
/// Layers between a doubling of the smoothing.
const LAYERS: usize = 3;
/// Sides below which no further octave is made.
const SMALLEST: usize = 24;

/// A place in the scale space.
#[derive(Clone, Copy)]
struct Keypoint {
    /// Pixels of its octave.
    x: f32,
    y: f32,
    /// Its layer's number in the octave.
    layer: usize,
    /// Smoothing, pixels of its octave.
    sigma: f32,
    /// How much it stands out, on a scale where the whole range of grey is 1.
    contrast: f32,
}

/// The `most` features of `view` that stand out most.
pub(crate) fn look(view: &View, most: usize) -> Result<Features, KungfuError> {
    let (grey, scale) = view.grey_of(AREA, MOST_ENLARGED)?;
    let octaves = octaves(&grey);
    let mut found: Vec<(usize, Keypoint)> = Vec::new();
    for (at, octave) in octaves.iter().enumerate() {
        found.extend(scan::keypoints(octave).into_iter().map(|k| (at, k)));
    }
    found.sort_by(|(_, a), (_, b)| b.contrast.total_cmp(&a.contrast));
    let mut features = Features::new(DIMS);
    for (at, keypoint) in found {
        if features.len() >= most {
            break;
        }
        let Some(plane) = octaves.get(at).and_then(|o| o.smooth.get(keypoint.layer)) else { continue };
        let unit = (1_u32 << at) as f32;
        let place = |v: f32, from: f32| from + (v + 0.5) * unit * scale;
        let (x, y) = (place(keypoint.x, view.origin[0]), place(keypoint.y, view.origin[1]));
        for angle in describe::directions(plane, &keypoint) {
            let descriptor = describe::descriptor(plane, &keypoint, angle);
            features.push(Spot { x, y, size: keypoint.sigma * unit * scale, angle }, &descriptor);
        }
    }
    Ok(features)
}

fn octaves(grey: &Luma) -> Vec<Octave> {
    let base = Plane::of(grey).blurred((SIGMA * SIGMA - CAMERA_BLUR * CAMERA_BLUR).sqrt());
    let mut octaves: Vec<Octave> = Vec::new();
    let mut next = Some(base);
    while let Some(first) = next.filter(|p| p.width.min(p.height) >= SMALLEST) {
        let octave = Octave::of(first, SIGMA, LAYERS);
        // The layer whose smoothing is twice the first's.
        next = octave.smooth.get(LAYERS).map(Plane::halved);
        octaves.push(octave);
    }
    octaves
}
