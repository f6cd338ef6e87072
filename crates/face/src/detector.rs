#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are bounded by the tensor sizes, which the engine checked"
)]
#![expect(clippy::cast_precision_loss, reason = "sizes below 2^24")]

use nn::{Outputs, Session};

use crate::error::FaceError;
use crate::form::{ChannelOrder, Colours, DetectorForm};
use crate::geometry::{Detection, FaceBox, FivePoints, Point};
use crate::limits::{MAX_CANDIDATES, MAX_FACES};
use crate::models::{Models, SHORT_SIDES};
use crate::nms::suppress;
use crate::picture::{Picture, scaled_size};
use crate::shrink::{Planes, Shrinker};

/// The picture's long side in the network; finds faces of 10..=300 pixels there (YuNet's range).
pub(crate) const LONG_SIDE: u32 = 320;
/// Detections below this are noise (the value of OpenCV's YuNet sample; LFW: 0 of 7,701 pictures missed).
const MIN_SCORE: f32 = 0.6;
/// Detections that share more than this are the same face.
const MAX_OVERLAP: f32 = 0.3;

/// The size of the network's input, a multiple of 32 on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// Finds faces with a network of YuNet's kind. Allocates nothing for a picture of a size it has seen before.
pub(crate) struct Detector {
    /// By canvas; made on first use, because a server sees one or two picture shapes.
    sessions: Vec<(Canvas, Session)>,
    shrinker: Shrinker,
    candidates: Vec<Detection>,
}

impl Detector {
    pub(crate) fn new() -> Self {
        let candidates = Vec::with_capacity(MAX_CANDIDATES);
        Self { sessions: Vec::new(), shrinker: Shrinker::default(), candidates }
    }

    /// See [`crate::Analyzer::forget`].
    pub(crate) fn forget(&mut self) -> Result<(), FaceError> {
        self.shrinker.forget();
        for (_, session) in &mut self.sessions {
            session.forget()?;
        }
        Ok(())
    }

    /// Puts the picture's faces into `found`, best first.
    pub(crate) fn detect(
        &mut self,
        models: &Models,
        picture: &Picture,
        found: &mut Vec<Detection>,
    ) -> Result<(), FaceError> {
        found.reserve(MAX_FACES.saturating_sub(found.capacity()));
        self.detect_at(models, picture, LONG_SIDE, found)?;
        if found.is_empty() {
            // A face that fills the whole picture is larger than the network's range: look again from further away.
            self.detect_at(models, picture, LONG_SIDE / 2, found)?;
        }
        Ok(())
    }

    fn detect_at(
        &mut self,
        models: &Models,
        picture: &Picture,
        long: u32,
        found: &mut Vec<Detection>,
    ) -> Result<(), FaceError> {
        let scale = f64::from(long) / f64::from(picture.width().max(picture.height()));
        let (w, h) = scaled_size(picture.width(), picture.height(), scale);
        let canvas = canvas_for(w, h);
        let session = session_for(&mut self.sessions, models, canvas)?;
        let shrinker = &mut self.shrinker;
        let form = models.detector_form();
        let outputs = session.run(|input| fill(input, form.colours, canvas, shrinker, picture, (w, h)))?;
        decode(&outputs, form, canvas, &mut self.candidates)?;
        #[expect(clippy::cast_possible_truncation, reason = "a ratio of picture sizes")]
        let back = (1.0 / scale) as f32;
        self.candidates.iter_mut().for_each(|d| *d = scale_up(d, back));
        suppress(&mut self.candidates, MAX_OVERLAP, MAX_FACES, found);
        Ok(())
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

/// Resizes the picture into three planes, black to the right and below.
fn fill(
    input: &mut [f32],
    colours: Colours,
    canvas: Canvas,
    shrinker: &mut Shrinker,
    picture: &Picture,
    (w, h): (u32, u32),
) {
    let plane = canvas.width * canvas.height;
    let width = w as usize;
    let (first, rest) = input.split_at_mut(plane);
    let (green, third) = rest.split_at_mut(plane);
    let (red, blue) = match colours.order {
        ChannelOrder::Rgb => (first, third),
        ChannelOrder::Bgr => (third, first),
    };
    let mut rows = red.chunks_exact_mut(canvas.width).zip(green.chunks_exact_mut(canvas.width));
    let mut blue_rows = blue.chunks_exact_mut(canvas.width);
    let mut next_row = || {
        let ((red, green), blue) = (rows.next()?, blue_rows.next()?);
        let (red, right_red) = red.split_at_mut(width);
        let (green, right_green) = green.split_at_mut(width);
        let (blue, right_blue) = blue.split_at_mut(width);
        [right_red, right_green, right_blue].into_iter().for_each(|right| right.fill(0.0));
        Some(Planes { red, green, blue })
    };
    shrinker.shrink(picture, (w, h), |_| next_row());
    // The network's memory keeps the last picture, which may have been higher.
    for _ in h as usize..canvas.height {
        if let Some(Planes { red, green, blue }) = next_row() {
            [red, green, blue].into_iter().for_each(|row| row.fill(0.0));
        }
    }
    if !colours.is_plain() {
        for ((values, mean), deviation) in input.chunks_exact_mut(plane).zip(colours.mean).zip(colours.deviation) {
            values.iter_mut().for_each(|v| *v = (*v - mean) / deviation);
        }
    }
}

/// Reads the grids: score = √(class × objectness), the box's centre and the points relative to the cell, the size as a power
/// of e, all in cells.
fn decode(
    outputs: &Outputs<'_>,
    form: &DetectorForm,
    canvas: Canvas,
    found: &mut Vec<Detection>,
) -> Result<(), FaceError> {
    found.clear();
    for (stride, [cls, obj, bbox, kps]) in &form.levels {
        let stride = *stride;
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
    Ok(())
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
        let picture = Picture::from_rgb(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        fill(&mut input, Colours::plain(ChannelOrder::Bgr), canvas, &mut Shrinker::default(), &picture, (2, 1));
        assert_eq!(input[..8], [3.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(input[8..16], [2.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(input[16..], [1.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
