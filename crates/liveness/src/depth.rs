//! Depth: does one plane explain how the face's corners moved through a turn?
//!
//! While a turn is asked for, [`TurnWatch`] keeps the last second of frames and remembers the window with the largest
//! change of pose. [`DepthJob`] then follows corners through that window, one frame pair at a time so that no single frame
//! pays for all of it, and reads the share of corners that one homography explains.

use std::collections::VecDeque;
use std::sync::Arc;

use face::{Detection, Luma};

use crate::clock::Clock;
use crate::limits::{DEPTH_CHANGE, DEPTH_CORNERS, DEPTH_FACE_PX, DEPTH_FPS, DEPTH_TRACKS, DEPTH_WINDOW_MS};
use crate::look::Look;
use crate::track::{Ellipse, Gray, Pyramid, Spot, corners, follow, plane_share};
use crate::{NoEvidence, Reading};

/// Frames kept at most: a second at 30 fps.
const MAX_RING: usize = 32;
/// Half axes of the ellipse that corners are taken from, in face boxes.
const ELLIPSE: [f32; 2] = [0.46, 0.48];
/// Inlier tolerance: at least this many pixels …
const TOLERANCE_PX: f32 = 1.0;
/// … and at least this share of the eye distance.
const TOLERANCE_EYES: f32 = 0.03;

/// A frame that may become part of a window.
struct Moment {
    at: f64,
    offset: f32,
    gray: Gray,
    face: Ellipse,
    /// Eye distance in tracked pixels.
    eyes: f32,
}

/// The depth check alone, over recorded frames: for evaluation. `least_change` replaces [`DEPTH_CHANGE`] (a smaller one
/// shows what the check would say of pictures that never turned far enough to be judged).
pub fn depth_over<'a>(frames: impl Iterator<Item = (f64, &'a Luma, f32, &'a Detection)>, least_change: f32) -> Reading {
    let mut watch = TurnWatch::default();
    let mut clock = Clock::default();
    for (at_ms, luma, scale, detection) in frames {
        let look = clock.admit(at_ms).and_then(|tick| Look::of(tick, detection, None));
        if let Some(look) = look {
            watch.push(&look, detection, luma, scale);
        }
    }
    match watch.take_from(least_change, DEPTH_FPS) {
        Err(why) => Reading::NoEvidence(why),
        Ok(mut job) => loop {
            if let Some(reading) = job.advance() {
                break reading;
            }
        },
    }
}

/// Collects the frames of one turn.
#[derive(Default)]
pub(crate) struct TurnWatch {
    ring: VecDeque<Arc<Moment>>,
    /// Luma pixels to tracked pixels; fixed while frames are kept.
    factor: f32,
    best: Vec<Arc<Moment>>,
    best_change: f32,
}

impl TurnWatch {
    /// Keeps a frame and looks whether the window that ends here turned farther than the best one.
    pub(crate) fn push(&mut self, look: &Look, detection: &Detection, luma: &Luma, scale: f32) {
        let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
        if look.tick.after_gap() {
            self.ring.clear();
        }
        if self.ring.is_empty() {
            self.factor = (DEPTH_FACE_PX * scale / detection.bbox.w).clamp(0.05, 1.0);
        }
        let Some(gray) = Gray::shrunk(luma.width() as usize, luma.height() as usize, luma.data(), self.factor) else {
            return;
        };
        let to_gray = self.factor / scale;
        let bbox = &detection.bbox;
        // Pixel centres lie at whole numbers in the tracker, at halves in the picture.
        let place = |value: f32| value * to_gray - 0.5;
        let face = Ellipse {
            centre: [place(bbox.x + bbox.w * 0.5), place(bbox.y + bbox.h * 0.5)],
            half_width: bbox.w * to_gray * ELLIPSE[0],
            half_height: bbox.h * to_gray * ELLIPSE[1],
        };
        let at = look.tick.at;
        self.ring.push_back(Arc::new(Moment { at, offset: look.offset, gray, face, eyes: look.eyes * to_gray }));
        while self.ring.len() > MAX_RING || self.ring.front().is_some_and(|first| at - first.at > DEPTH_WINDOW_MS) {
            self.ring.pop_front();
        }
        self.consider(look.offset);
    }

    /// Takes the window from the frame that differs most from the newest one.
    fn consider(&mut self, newest: f32) {
        let change = |moment: &Moment| (newest - moment.offset).abs();
        let start = (0..self.ring.len()).max_by(|&a, &b| match (self.ring.get(a), self.ring.get(b)) {
            (Some(a), Some(b)) => change(a).total_cmp(&change(b)),
            _ => std::cmp::Ordering::Equal,
        });
        let Some(start) = start else { return };
        let widest = self.ring.get(start).map_or(0.0, |moment| change(moment));
        if widest > self.best_change {
            self.best_change = widest;
            self.best = self.ring.iter().skip(start).cloned().collect();
        }
    }

    /// The turn is over: its best window as a job, or why there is none.
    pub(crate) fn take(&mut self, least_fps: f64) -> Result<DepthJob, NoEvidence> {
        self.take_from(DEPTH_CHANGE, least_fps)
    }

    fn take_from(&mut self, least_change: f32, least_fps: f64) -> Result<DepthJob, NoEvidence> {
        let window = std::mem::take(&mut self.best);
        let change = std::mem::take(&mut self.best_change);
        self.ring.clear();
        let span = window.last().map_or(0.0, |m| m.at) - window.first().map_or(0.0, |m| m.at);
        if change < least_change || span <= 0.0 {
            return Err(NoEvidence::TooLittleMotion);
        }
        let rate = (window.len().saturating_sub(1)) as f64 * 1000.0 / span;
        if window.len() < 4 || rate < least_fps {
            return Err(NoEvidence::TooFewFrames);
        }
        Ok(DepthJob { window, next: 0, before: None, tracks: Vec::new(), least_change, reading: None })
    }
}

/// A corner where it started and where it is now.
struct Track {
    origin: Spot,
    now: Spot,
}

/// Follows one window.
pub(crate) struct DepthJob {
    window: Vec<Arc<Moment>>,
    next: usize,
    before: Option<Pyramid>,
    tracks: Vec<Track>,
    least_change: f32,
    /// Share at the farthest pose that enough corners reached.
    reading: Option<f32>,
}

impl DepthJob {
    /// Follows one more frame; the reading once the window is through or its tracks are lost.
    pub(crate) fn advance(&mut self) -> Option<Reading> {
        let (Some(first), Some(moment)) = (self.window.first(), self.window.get(self.next)) else {
            return Some(self.verdict());
        };
        let pyramid = moment.gray.pyramid();
        if let Some(before) = &self.before {
            let now: Vec<Spot> = self.tracks.iter().map(|track| track.now).collect();
            let found = follow(before, &pyramid, &now);
            let tracks = std::mem::take(&mut self.tracks).into_iter().zip(found);
            self.tracks =
                tracks.filter_map(|(track, now)| now.map(|now| Track { origin: track.origin, now })).collect();
        } else {
            let found = corners(pyramid.finest(), &moment.face, DEPTH_CORNERS);
            self.tracks = found.into_iter().map(|spot| Track { origin: spot, now: spot }).collect();
        }
        if self.tracks.len() < DEPTH_TRACKS {
            return Some(self.verdict());
        }
        if (moment.offset - first.offset).abs() >= self.least_change {
            let pairs: Vec<(Spot, Spot)> = self.tracks.iter().map(|track| (track.origin, track.now)).collect();
            self.reading = Some(plane_share(&pairs, TOLERANCE_PX.max(TOLERANCE_EYES * first.eyes)));
        }
        self.before = Some(pyramid);
        self.next += 1;
        (self.next >= self.window.len()).then(|| self.verdict())
    }

    fn verdict(&self) -> Reading {
        self.reading.map_or(Reading::NoEvidence(NoEvidence::TracksLost), Reading::Value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Tick;
    use crate::testkit::{Shape, detection, shoot};

    /// Turns a shape from the front to `to` degrees; offsets are the head's, so that a plane "answers" as well.
    fn turn(shape: Shape, to: f32, frames: usize, every: f64) -> Reading {
        let mut watch = TurnWatch::default();
        for i in 0..frames {
            let yaw = to * i as f32 / (frames - 1) as f32;
            let luma = shoot(shape, yaw, i as u32);
            let found = detection(shape, yaw);
            let tick = Tick { at: i as f64 * every, since: if i > 0 { every } else { 0.0 } };
            let mut look = Look::of(tick, &found, None).unwrap();
            look.offset = detection(Shape::Ellipsoid, yaw).points.nose_offset();
            watch.push(&look, &found, &luma, 1.0);
        }
        match watch.take(DEPTH_FPS) {
            Err(why) => Reading::NoEvidence(why),
            Ok(mut job) => loop {
                if let Some(reading) = job.advance() {
                    break reading;
                }
            },
        }
    }

    fn value(reading: Reading) -> f32 {
        let Reading::Value(value) = reading else { panic!("{reading:?}") };
        value
    }

    #[test]
    fn a_plane_is_flat_and_a_head_is_not() {
        for to in [16.0, -16.0, 20.0, -22.0] {
            let (flat, deep) = (value(turn(Shape::Plane, to, 12, 67.0)), value(turn(Shape::Ellipsoid, to, 12, 67.0)));
            println!("turn {to}: plane {flat:.3}, ellipsoid {deep:.3}");
            assert!(flat >= 0.95, "plane at {to}: {flat}");
            assert!(deep <= 0.85, "ellipsoid at {to}: {deep}");
        }
    }

    #[test]
    fn too_little_to_tell_is_no_evidence() {
        assert_eq!(turn(Shape::Ellipsoid, 4.0, 12, 67.0), Reading::NoEvidence(NoEvidence::TooLittleMotion));
        assert_eq!(turn(Shape::Ellipsoid, 18.0, 5, 200.0), Reading::NoEvidence(NoEvidence::TooFewFrames));
        assert_eq!(TurnWatch::default().take(DEPTH_FPS).err(), Some(NoEvidence::TooLittleMotion));
    }

    #[test]
    fn the_same_frames_give_the_same_reading() {
        assert_eq!(turn(Shape::Ellipsoid, 18.0, 10, 67.0), turn(Shape::Ellipsoid, 18.0, 10, 67.0));
    }
}
