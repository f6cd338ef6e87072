//! One frame reduced to the numbers that the gates need.

use face::{Detection, Luma};

use crate::clock::Tick;
use crate::frame::{FrameInput, Hint};
use crate::limits::{FRONTAL, MAX_FACE_SHARE, MIN_BRIGHTNESS, MIN_EYE_PX, TURNED_EYES};

/// A usable detection's numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) tick: Tick,
    /// Signed nose offset in eye distances, + = payer's left.
    pub(crate) offset: f32,
    /// Eye distance in picture pixels.
    pub(crate) eyes: f32,
    /// Middle between the eyes in picture pixels.
    pub(crate) middle: [f32; 2],
    pub(crate) happy: Option<f32>,
}

impl Look {
    pub(crate) fn of(tick: Tick, detection: &Detection, happy: Option<f32>) -> Option<Self> {
        let [left, right, ..] = detection.points.0;
        let bbox = &detection.bbox;
        let numbers = [bbox.x, bbox.y, bbox.w, bbox.h];
        let points = detection.points.0.iter().flat_map(|p| [p.x, p.y]);
        let sane = numbers.into_iter().chain(points).all(|value| value.is_finite() && value.abs() < 1e5);
        let eyes = detection.points.eye_distance();
        if !sane || eyes < 4.0 || bbox.w < 4.0 || bbox.h < 4.0 {
            return None;
        }
        Some(Self {
            tick,
            offset: detection.points.nose_offset(),
            eyes,
            middle: [(left.x + right.x) * 0.5, (left.y + right.y) * 0.5],
            happy: happy.filter(|value| value.is_finite()).map(|value| value.clamp(0.0, 1.0)),
        })
    }
}

impl Look {
    /// Move of the eyes' middle plus change of their distance since another frame, in eye distances.
    pub(crate) fn moved_since(&self, before: &Look) -> f32 {
        let moved = (self.middle[0] - before.middle[0]).hypot(self.middle[1] - before.middle[1]);
        (moved + (self.eyes - before.eyes).abs()) / self.eyes.max(before.eyes).max(1.0)
    }
}

/// Picture pixels per luma pixel; 1 when the caller gave nonsense.
pub(crate) fn scale_of(frame: &FrameInput<'_>) -> f32 {
    if frame.scale.is_finite() && (0.01..=100.0).contains(&frame.scale) { frame.scale } else { 1.0 }
}

/// What keeps a frame from being judged at all, as what to do about it.
pub(crate) fn trouble(frame: &FrameInput<'_>, look: Option<&Look>) -> Option<Hint> {
    let (Some(look), Some(detection)) = (look, frame.detection) else { return Some(Hint::NoFace) };
    let scale = scale_of(frame);
    let width = frame.luma.width() as f32 * scale;
    let height = frame.luma.height() as f32 * scale;
    if frame.faces > 1 {
        Some(Hint::SeveralFaces)
    } else if frame.faces == 0 {
        Some(Hint::NoFace)
    } else if !upright(detection) {
        Some(Hint::HoldUpright)
    } else if look.eyes < MIN_EYE_PX * if look.offset.abs() > FRONTAL { TURNED_EYES } else { 1.0 } {
        Some(Hint::ComeCloser)
    } else if detection.bbox.w > width * MAX_FACE_SHARE || detection.bbox.h > height * MAX_FACE_SHARE {
        Some(Hint::MoveBack)
    } else if brightness(frame.luma, detection, scale) < MIN_BRIGHTNESS {
        Some(Hint::MoreLight)
    } else {
        None
    }
}

/// Whether the mouth is below the eyes, within 45°. The recogniser's crop turns every face upright, but the expression and
/// landmark networks were not made for other ways up, and nobody pays standing on their head.
fn upright(detection: &Detection) -> bool {
    let [left, right, _, corner, other] = detection.points.0;
    let down = (corner.y + other.y) - (left.y + right.y);
    let aside = (corner.x + other.x) - (left.x + right.x);
    down > aside.abs()
}

/// Mean grey level of the face box, sampled at up to 32 × 32 places.
pub(crate) fn brightness(luma: &Luma, detection: &Detection, scale: f32) -> f32 {
    const PLACES: u16 = 32;
    let bbox = &detection.bbox;
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let along = |start: f32, size: f32, step: u16, limit: usize| {
        let at = (start + size * (f32::from(step) + 0.5) / f32::from(PLACES)) / scale;
        (at.max(0.0) as usize).min(limit.saturating_sub(1))
    };
    let (mut sum, mut count) = (0f32, 0f32);
    for v in 0..PLACES {
        let y = along(bbox.y, bbox.h, v, height);
        for u in 0..PLACES {
            let x = along(bbox.x, bbox.w, u, width);
            if let Some(&grey) = luma.data().get(y * width + x) {
                sum += f32::from(grey);
                count += 1.0;
            }
        }
    }
    if count > 0.0 { sum / count } else { 0.0 }
}
