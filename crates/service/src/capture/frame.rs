//! One frame, from JPEG to a pushed [`FrameInput`]. The picture is dropped when this returns.

use face::{DecodeLimits, Detection, FaceError, Picture};
use liveness::FrameInput;

use crate::capture::engine::Analyze;
use crate::capture::guided::{Guided, Shown};
use crate::capture::queue::RawFrame;
use crate::capture::vectors::Vectors;
use crate::limits::{FRAME_BYTES, FRAME_SIDE, LUMA_SIDE, SECOND_FACE_SHARE};

/// Eye openness over a capture, for comparing with the same payer's own.
#[derive(Clone, Copy, Default)]
pub struct Eyes {
    sum: f32,
    count: u16,
}

impl Eyes {
    fn add(&mut self, openness: f32) {
        if openness.is_finite() && openness > 0.0 && self.count < u16::MAX {
            self.sum += openness;
            self.count += 1;
        }
    }

    /// Mean openness; 0 when it was never measured.
    pub fn mean(self) -> f32 {
        if self.count == 0 { 0.0 } else { self.sum / f32::from(self.count) }
    }
}

/// What is measured beside the session.
#[derive(Default)]
pub struct Aside {
    pub eyes: Eyes,
    pub vectors: Vectors,
}

/// Why a frame was of no use.
#[derive(Debug)]
pub enum BadFrame {
    /// Not a JPEG within the limits.
    Unreadable,
    /// The engine failed; not the client's fault.
    Engine(FaceError),
}

/// Bytes that begin every JPEG.
const JPEG_MAGIC: [u8; 3] = [0xff, 0xd8, 0xff];

pub(crate) fn decode(jpeg: &[u8]) -> Result<Picture, BadFrame> {
    if !jpeg.starts_with(&JPEG_MAGIC) || jpeg.len() > FRAME_BYTES {
        return Err(BadFrame::Unreadable);
    }
    let picture = Picture::decode(jpeg, &DecodeLimits::frame()).map_err(|_| BadFrame::Unreadable)?;
    let fits = picture.width() <= FRAME_SIDE && picture.height() <= FRAME_SIDE;
    if fits { Ok(picture) } else { Err(BadFrame::Unreadable) }
}

/// Decodes, measures what the session wants, and pushes; nothing of the picture is left in the working memory.
pub fn analyse(
    raw: &RawFrame,
    session: &mut impl Guided,
    aside: &mut Aside,
    analyzer: &mut dyn Analyze,
) -> Result<Shown, BadFrame> {
    let shown = look(raw, session, aside, analyzer);
    let forgotten = analyzer.forget().map_err(BadFrame::Engine);
    shown.and_then(|shown| forgotten.map(|()| shown))
}

fn look(
    raw: &RawFrame,
    session: &mut impl Guided,
    aside: &mut Aside,
    analyzer: &mut dyn Analyze,
) -> Result<Shown, BadFrame> {
    let picture = decode(&raw.body)?;
    let (luma, scale) = picture.luma_small(LUMA_SIDE).map_err(BadFrame::Engine)?;
    let found = analyzer.detect(&picture).map_err(BadFrame::Engine)?;
    let payer = payers_face(&found, &picture);
    let faces = payer.map_or(0, |p| count_near(&found, p));
    let wants = session.wants(raw.at_ms, faces, payer);

    let (mut happy, mut embedding, mut quality, mut passive) = (None, None, None, None);
    if let Some(face) = payer {
        let mesh = if wants.mesh { Some(analyzer.mesh(&picture, face).map_err(BadFrame::Engine)?) } else { None };
        let measured = analyzer.quality(&picture, face, mesh.as_ref());
        if let Some(openness) = measured.eye_openness {
            aside.eyes.add(openness);
        }
        quality = Some(measured);
        if wants.happy {
            happy = Some(analyzer.happy(&picture, face).map_err(BadFrame::Engine)?);
        }
        if wants.passive {
            passive = analyzer.passive(&picture, face).map_err(BadFrame::Engine)?;
        }
        if wants.embedding {
            embedding = Some(aside.vectors.embed(analyzer, &picture, &face.points).map_err(BadFrame::Engine)?);
        }
    }
    let fingerprint = liveness::fingerprint(&luma);
    let input = FrameInput {
        at_ms: raw.at_ms,
        luma: &luma,
        scale,
        faces,
        detection: payer,
        happy,
        passive,
        embedding,
        quality: quality.as_ref(),
        colour: payer.and_then(|face| face::face_colour(&picture, face)),
        fingerprint,
    };
    Ok(session.push(input))
}

/// How far the payer's mouth is open in one picture; `None` without a face.
pub(crate) fn mouth(raw: &RawFrame, analyzer: &mut dyn Analyze) -> Result<Option<f32>, BadFrame> {
    let picture = decode(&raw.body)?;
    let found = analyzer.detect(&picture).map_err(BadFrame::Engine)?;
    let Some(face) = payers_face(&found, &picture) else { return Ok(None) };
    Ok(analyzer.mesh(&picture, face).map_err(BadFrame::Engine)?.mouth_openness())
}

/// Whether a message's body is a picture.
pub(crate) fn is_picture(body: &[u8]) -> bool {
    body.starts_with(&JPEG_MAGIC)
}

/// The largest central face.
fn payers_face<'f>(found: &'f [Detection], picture: &Picture) -> Option<&'f Detection> {
    let weight = |d: &&Detection| d.bbox.area() * (1.0 - 0.5 * off_centre(d, picture));
    found.iter().max_by(|a, b| weight(a).total_cmp(&weight(b)))
}

/// 0 in the middle of the picture, 1 in a corner.
#[expect(clippy::cast_precision_loss, reason = "picture sides are far below 2^23")]
fn off_centre(face: &Detection, picture: &Picture) -> f32 {
    let (half_w, half_h) = (picture.width() as f32 / 2.0, picture.height() as f32 / 2.0);
    let centre = face.bbox.center();
    let (dx, dy) = ((centre.x - half_w) / half_w.max(1.0), (centre.y - half_h) / half_h.max(1.0));
    (dx.hypot(dy) / std::f32::consts::SQRT_2).clamp(0.0, 1.0)
}

fn count_near(found: &[Detection], payer: &Detection) -> usize {
    found.iter().filter(|d| d.bbox.w >= payer.bbox.w * SECOND_FACE_SHARE).count()
}
