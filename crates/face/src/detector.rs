#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are bounded by the tensor sizes, which the engine checked"
)]
#![expect(clippy::cast_precision_loss, reason = "sizes below 2^24")]

use fast_image_resize::Resizer;
use nn::{Outputs, Session};

use crate::error::FaceError;
use crate::geometry::{Detection, FaceBox, FivePoints, Point};
use crate::limits::{MAX_CANDIDATES, MAX_FACES};
use crate::models::{Models, SHORT_SIDES};
use crate::nms::suppress;
use crate::picture::{Picture, scaled_size, shrink_into};

/// The picture's long side in the network; finds faces of 10..=300 pixels there (YuNet's range).
pub(crate) const LONG_SIDE: u32 = 320;
/// Detections below this are noise (the value of OpenCV's YuNet sample; LFW: 0 of 7,701 pictures missed).
const MIN_SCORE: f32 = 0.6;
/// Detections that share more than this are the same face.
const MAX_OVERLAP: f32 = 0.3;
/// Pixels per grid cell of YuNet's three output levels, and the names of its outputs.
pub(crate) const LEVELS: [(usize, [&str; 4]); 3] = [
    (8, ["cls_8", "obj_8", "bbox_8", "kps_8"]),
    (16, ["cls_16", "obj_16", "bbox_16", "kps_16"]),
    (32, ["cls_32", "obj_32", "bbox_32", "kps_32"]),
];

/// The size of the network's input, a multiple of 32 on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// Finds faces with YuNet.
pub(crate) struct Detector {
    /// By canvas; made on first use, because a server sees one or two picture shapes.
    sessions: Vec<(Canvas, Session)>,
    small: Vec<u8>,
}

impl Detector {
    pub(crate) const fn new() -> Self {
        Self { sessions: Vec::new(), small: Vec::new() }
    }

    /// Faces in the picture, best first.
    pub(crate) fn detect(
        &mut self,
        models: &Models,
        resizer: &mut Resizer,
        picture: &Picture,
    ) -> Result<Vec<Detection>, FaceError> {
        let found = self.detect_at(models, resizer, picture, LONG_SIDE)?;
        if found.is_empty() {
            // A face that fills the whole picture is larger than the network's range: look again from further away.
            return self.detect_at(models, resizer, picture, LONG_SIDE / 2);
        }
        Ok(found)
    }

    fn detect_at(
        &mut self,
        models: &Models,
        resizer: &mut Resizer,
        picture: &Picture,
        long: u32,
    ) -> Result<Vec<Detection>, FaceError> {
        let scale = f64::from(long) / f64::from(picture.width().max(picture.height()));
        let (w, h) = scaled_size(picture.width(), picture.height(), scale);
        shrink_into(resizer, picture, (w, h), &mut self.small)?;
        let canvas = canvas_for(w, h);
        let small = &self.small;
        let session = session_for(&mut self.sessions, models, canvas)?;
        let outputs = session.run(|input| fill_bgr(input, canvas, small, w as usize))?;
        let found = decode(&outputs, canvas)?;
        #[expect(clippy::cast_possible_truncation, reason = "a ratio of picture sizes")]
        let back = (1.0 / scale) as f32;
        let scaled = found.into_iter().map(|d| scale_up(&d, back)).collect();
        Ok(suppress(scaled, MAX_OVERLAP, MAX_FACES))
    }
}

fn session_for<'a>(
    sessions: &'a mut Vec<(Canvas, Session)>,
    models: &Models,
    canvas: Canvas,
) -> Result<&'a mut Session, FaceError> {
    let at = match sessions.iter().position(|(c, _)| *c == canvas) {
        Some(at) => at,
        None => {
            sessions.push((canvas, models.detector(canvas)?.session()?));
            sessions.len() - 1
        }
    };
    Ok(&mut sessions[at].1)
}

/// The smallest of a few canvases that holds the picture; few, because each is a compiled network.
fn canvas_for(width: u32, height: u32) -> Canvas {
    let long = LONG_SIDE as usize;
    let fit = |side: u32| SHORT_SIDES.into_iter().find(|s| *s >= side as usize).unwrap_or(long);
    if width >= height {
        Canvas { width: long, height: fit(height) }
    } else {
        Canvas { width: fit(width), height: long }
    }
}

/// Writes packed RGB as planes of B, G, R in 0..=255 (no mean, no deviation), zero to the right and below.
fn fill_bgr(input: &mut [f32], canvas: Canvas, rgb: &[u8], width: usize) {
    let plane = canvas.width * canvas.height;
    input.fill(0.0);
    let (blue, rest) = input.split_at_mut(plane);
    let (green, red) = rest.split_at_mut(plane);
    for (y, row) in rgb.chunks_exact(width * 3).enumerate() {
        let span = y * canvas.width..y * canvas.width + width;
        let (pixels, _) = row.as_chunks::<3>();
        let targets = blue[span.clone()].iter_mut().zip(&mut green[span.clone()]).zip(&mut red[span]);
        for (&[r, g, b], ((tb, tg), tr)) in pixels.iter().zip(targets) {
            (*tb, *tg, *tr) = (f32::from(b), f32::from(g), f32::from(r));
        }
    }
}

/// Reads the grids: score = √(class × objectness), the box's centre and the points relative to the cell, the size as a power
/// of e, all in cells.
fn decode(outputs: &Outputs<'_>, canvas: Canvas) -> Result<Vec<Detection>, FaceError> {
    let mut found = Vec::new();
    for (stride, [cls, obj, bbox, kps]) in LEVELS {
        let (cols, rows) = (canvas.width / stride, canvas.height / stride);
        let n = cols * rows;
        let (cls, obj) = (outputs.named(cls, n)?, outputs.named(obj, n)?);
        let (bbox, kps) = (outputs.named(bbox, n * 4)?, outputs.named(kps, n * 10)?);
        let (boxes, _) = bbox.as_chunks::<4>();
        let (points, _) = kps.as_chunks::<10>();
        for i in 0..n {
            let score = (cls[i].clamp(0.0, 1.0) * obj[i].clamp(0.0, 1.0)).sqrt();
            if score >= MIN_SCORE && found.len() < MAX_CANDIDATES {
                let cell = ((i % cols) as f32, (i / cols) as f32);
                found.extend(detection(score, cell, stride as f32, &boxes[i], &points[i]));
            }
        }
    }
    Ok(found)
}

fn detection(score: f32, (col, row): (f32, f32), stride: f32, b: &[f32; 4], k: &[f32; 10]) -> Option<Detection> {
    let [dx, dy, lw, lh] = *b;
    let (w, h) = (lw.exp() * stride, lh.exp() * stride);
    let (x, y) = ((col + dx) * stride - w / 2.0, (row + dy) * stride - h / 2.0);
    let [x0, y0, x1, y1, x2, y2, x3, y3, x4, y4] = *k;
    let at = |px: f32, py: f32| Point::new((col + px) * stride, (row + py) * stride);
    let points = FivePoints([at(x0, y0), at(x1, y1), at(x2, y2), at(x3, y3), at(x4, y4)]);
    let finite = [x, y, w, h].iter().chain(k).all(|v| v.is_finite());
    finite.then_some(Detection { bbox: FaceBox { x, y, w, h, score }, points })
}

fn scale_up(d: &Detection, by: f32) -> Detection {
    let b = d.bbox;
    let bbox = FaceBox { x: b.x * by, y: b.y * by, w: b.w * by, h: b.h * by, score: b.score };
    Detection { bbox, points: FivePoints(d.points.0.map(|p| Point::new(p.x * by, p.y * by))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canvases_hold_their_pictures() {
        for (w, h, want) in [
            (320, 180, (320, 192)),
            (320, 240, (320, 256)),
            (320, 320, (320, 320)),
            (180, 320, (192, 320)),
            (320, 10, (320, 192)),
            (160, 160, (320, 192)),
        ] {
            let c = canvas_for(w, h);
            assert_eq!((c.width, c.height), want, "{w}×{h}");
        }
    }

    #[test]
    fn planes_are_blue_green_red_with_zero_padding() {
        let canvas = Canvas { width: 4, height: 2 };
        let mut input = vec![9.0; 24];
        fill_bgr(&mut input, canvas, &[1, 2, 3, 4, 5, 6], 2);
        assert_eq!(input[..8], [3.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(input[8..16], [2.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(input[16..], [1.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
