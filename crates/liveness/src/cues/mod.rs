//! What gives a screen or a held picture away beside the face's own motion. Each cue can speak against a capture, never for it.

mod bezel;
mod flicker;
mod moire;

use face::{Detection, Luma};

use crate::Reading;
use crate::look::Look;
use bezel::BezelWatch;
use flicker::FlickerWatch;
use moire::MoireWatch;
pub use moire::moire_of;

/// Time between two frames whose spectrum and edges are looked at (ms).
const EVERY_MS: f64 = 450.0;
/// Most of them in one capture.
const MOST: usize = 20;

/// A frame with the face on it, in luma pixels.
#[derive(Clone, Copy)]
struct Seen<'a> {
    at: f64,
    luma: &'a Luma,
    /// Picture pixels per luma pixel.
    scale: f32,
    /// Between the eyes.
    middle: [f32; 2],
    /// Eye distance.
    eyes: f32,
    /// From the payer's right eye to the left one, a unit vector.
    across: [f32; 2],
    /// The face box: x, y, width, height.
    face: [f32; 4],
}

impl<'a> Seen<'a> {
    fn of(look: &Look, found: &Detection, luma: &'a Luma, scale: f32) -> Self {
        let [right, left, ..] = found.points.0;
        let (dx, dy) = (left.x - right.x, left.y - right.y);
        let long = dx.hypot(dy).max(1e-3);
        let bbox = &found.bbox;
        Self {
            at: look.tick.at,
            luma,
            scale,
            middle: look.middle.map(|v| v / scale),
            eyes: look.eyes / scale,
            across: [dx / long, dy / long],
            face: [bbox.x, bbox.y, bbox.w, bbox.h].map(|v| v / scale),
        }
    }

    /// Grey value between pixels; `None` outside.
    fn grey(&self, x: f32, y: f32) -> Option<f32> {
        let (x, y) = (x - 0.5, y - 0.5);
        if !(x >= 0.0 && y >= 0.0) {
            return None;
        }
        let (left, top) = (x as usize, y as usize);
        let (width, data) = (self.luma.width() as usize, self.luma.data());
        if left + 1 >= width {
            return None;
        }
        let at = |i: usize, j: usize| data.get((top + j) * width + left + i).map(|v| f32::from(*v));
        let (fx, fy) = (x - left as f32, y - top as f32);
        let upper = at(0, 0)? * (1.0 - fx) + at(1, 0)? * fx;
        let lower = at(0, 1)? * (1.0 - fx) + at(1, 1)? * fx;
        Some(upper * (1.0 - fy) + lower * fy)
    }
}

/// All cues of one capture.
#[derive(Default)]
pub(crate) struct CueWatch {
    last: Option<f64>,
    looked: usize,
    moire: MoireWatch,
    bezel: BezelWatch,
    flicker: FlickerWatch,
}

impl CueWatch {
    /// Takes a near-frontal frame that shows the payer well.
    pub(crate) fn push(&mut self, look: &Look, found: &Detection, luma: &Luma, scale: f32) {
        let seen = Seen::of(look, found, luma, scale);
        self.flicker.push(&seen);
        if self.looked < MOST && self.last.is_none_or(|last| seen.at - last >= EVERY_MS) {
            self.last = Some(seen.at);
            self.looked += 1;
            self.moire.push(&seen);
            self.bezel.push(&seen);
        }
    }

    pub(crate) fn moire(&self) -> Reading {
        self.moire.reading()
    }

    pub(crate) fn bezel(&self) -> Reading {
        self.bezel.reading()
    }

    pub(crate) fn flicker(&self) -> Reading {
        self.flicker.reading()
    }
}

/// The middle one; `None` of nothing.
fn median(values: &[f32]) -> Option<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}
