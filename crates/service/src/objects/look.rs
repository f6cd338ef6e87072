//! One frame, from JPEG to what is measured of it. The picture is gone when this returns.

use base::ObjectKind;
use decide::{ObjectMotion, ObjectPhoto, ObjectScore};
use face::{FaceError, Picture};
use kungfu::{Analyzer, KungfuError, Likeness, Motion, PhotoQuality, Rect, Seen};

use super::kind_of;
use crate::capture::frame::{BadFrame, decode};
use crate::capture::{Analyze, RawFrame};

/// What is known of one frame.
pub(super) struct Look {
    /// The client's clock, ms.
    pub at_ms: f64,
    pub seen: Seen,
    pub photo: ObjectPhoto,
    pub fingerprint: u64,
}

/// Why a frame was of no use.
pub(super) enum NoLook {
    Frame(BadFrame),
    Engine(KungfuError),
}

/// Score of the surest face in the middle square; frames that cannot be read have none.
pub(super) fn surest_face(raw: &RawFrame, analyzer: &mut dyn Analyze) -> Result<f32, FaceError> {
    let Ok(picture) = decode(&raw.body) else { return Ok(0.0) };
    let square = middle(&picture);
    let found = analyzer.detect(&picture)?;
    let inside = |x: f32, from: f32, long: f32| x >= from && x <= from + long;
    let shown = found.iter().filter(|face| {
        let centre = face.bbox.center();
        inside(centre.x, square.x, square.w) && inside(centre.y, square.y, square.h)
    });
    Ok(shown.map(|face| face.bbox.score).fold(0.0, f32::max))
}

/// Decodes and measures.
pub(super) fn look(raw: &RawFrame, kind: ObjectKind, analyzer: &mut Analyzer) -> Result<Look, NoLook> {
    let picture = decode(&raw.body).map_err(NoLook::Frame)?;
    let seen = analyzer.look(&picture, kind_of(kind), Some(middle(&picture))).map_err(NoLook::Engine)?;
    let (photo, fingerprint) = (photo(seen.quality()), seen.fingerprint());
    Ok(Look { at_ms: raw.at_ms, seen, photo, fingerprint })
}

/// The square that the page shows as the frame.
#[expect(clippy::cast_precision_loss, reason = "picture sides are far below 2^23")]
fn middle(picture: &Picture) -> Rect {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let side = width.min(height);
    Rect { x: (width - side) / 2.0, y: (height - side) / 2.0, w: side, h: side }
}

/// `kungfu`'s measurements in the form that `decide` takes.
fn photo(q: &PhotoQuality) -> ObjectPhoto {
    ObjectPhoto {
        sharpness: q.sharpness,
        brightness: q.brightness,
        glare: q.glare,
        features: q.features,
        spread: q.spread,
        skin: q.skin,
        pet: q.pet,
        face: 0.0,
        lattice: q.lattice,
    }
}

pub(super) const fn motion(m: &Motion) -> ObjectMotion {
    ObjectMotion { scale: m.scale, aside: m.aside }
}

pub(super) fn score(likeness: &Likeness) -> Option<ObjectScore> {
    ObjectScore::new(likeness.score)
}
