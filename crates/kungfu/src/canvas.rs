//! The part of a picture that is looked at, in grey, on a canvas of one of three fixed shapes.

use face::{Luma, Picture};

use crate::error::KungfuError;
use crate::limits::MIN_SIDE;

/// A part of a picture in its pixels, from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

/// Width and height that the local-feature network is compiled for: upright, wide and square pictures of about one size.
/// Multiples of 32, as the network wants.
pub(crate) const SHAPES: [(usize, usize); 3] = [(256, 384), (384, 256), (320, 320)];

/// A framed part of a picture, cut out, with where it lay.
pub(crate) struct View {
    pub(crate) picture: Picture,
    /// Its top left corner in the whole picture, pixels.
    pub(crate) origin: [f32; 2],
    /// Its grey values, small enough for one of [`SHAPES`].
    pub(crate) grey: Luma,
    /// Pixels of the picture that one of `grey` spans.
    pub(crate) scale: f32,
    /// Place of the canvas in [`SHAPES`].
    pub(crate) shape: usize,
}

impl View {
    /// Cuts the frame out (the whole picture without one) and shrinks it.
    ///
    /// # Errors
    /// What is left of the frame inside the picture is smaller than [`MIN_SIDE`] pixels.
    pub(crate) fn of(picture: &Picture, frame: Option<Rect>) -> Result<Self, KungfuError> {
        let (x, y, w, h) = inside(picture, frame);
        if w < MIN_SIDE || h < MIN_SIDE {
            return Err(KungfuError::TooSmall);
        }
        let picture = cut(picture, (x, y, w, h))?;
        let share = |(cw, ch): (usize, usize)| {
            let fit = (cw as f32 / w as f32).min(ch as f32 / h as f32);
            fit * fit * w as f32 * h as f32
        };
        let by_share = |a: &usize, b: &usize| {
            let of = |i: &usize| SHAPES.get(*i).map_or(0.0, |s| share(*s));
            of(a).total_cmp(&of(b))
        };
        let shape = (0..SHAPES.len()).max_by(by_share).unwrap_or(0);
        let (cw, ch) = SHAPES.get(shape).copied().unwrap_or((256, 384));
        let fit = (cw as f32 / w as f32).min(ch as f32 / h as f32).min(1.0);
        let (grey, scale) = picture.luma_small(((w.max(h) as f32 * fit).floor() as u32).max(1))?;
        Ok(Self { picture, origin: [x as f32, y as f32], grey, scale, shape })
    }

    /// Grey values at about `area` pixels, but not enlarged more than `most` times each way, and how many pixels of the picture one
    /// of them spans.
    ///
    /// # Errors
    /// The resizer refuses the size.
    pub(crate) fn grey_of(&self, area: f32, most: f32) -> Result<(Luma, f32), KungfuError> {
        let (w, h) = (self.picture.width() as f32, self.picture.height() as f32);
        let times = (area / (w * h)).sqrt().min(most);
        let side = |v: f32| ((v * times).round() as u32).max(1);
        Ok((self.picture.resized(side(w), side(h))?.luma(), 1.0 / times))
    }

    /// A place of the grey picture as one of the whole picture.
    pub(crate) fn to_picture(&self, x: f32, y: f32) -> [f32; 2] {
        [self.origin[0] + (x + 0.5) * self.scale, self.origin[1] + (y + 0.5) * self.scale]
    }
}

/// The frame's whole pixels that lie inside the picture.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the picture; NaN becomes 0")]
fn inside(picture: &Picture, frame: Option<Rect>) -> (u32, u32, u32, u32) {
    let (w, h) = (picture.width(), picture.height());
    let Some(frame) = frame else { return (0, 0, w, h) };
    let place = |v: f32, most: u32| v.round().clamp(0.0, most as f32) as u32;
    let (x0, y0) = (place(frame.x, w), place(frame.y, h));
    let (x1, y1) = (place(frame.x + frame.w, w), place(frame.y + frame.h, h));
    (x0, y0, x1.saturating_sub(x0), y1.saturating_sub(y0))
}

/// A part that lies inside.
fn cut(picture: &Picture, (x, y, w, h): (u32, u32, u32, u32)) -> Result<Picture, KungfuError> {
    let stride = picture.width() as usize * 3;
    let (from, width) = (x as usize * 3, w as usize * 3);
    let rows = picture.rgb().chunks_exact(stride).skip(y as usize).take(h as usize);
    let rgb = rows.flat_map(|row| row.get(from..from + width).unwrap_or_default()).copied().collect();
    Ok(Picture::from_rgb(w, h, rgb)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(w: u32, h: u32) -> Picture {
        Picture::from_rgb(
            w,
            h,
            (0..h).flat_map(|y| (0..w).flat_map(move |x| [(x / 8) as u8, (y / 8) as u8, 0])).collect(),
        )
        .unwrap()
    }

    #[test]
    fn a_frame_is_cut_out_and_places_are_told_in_the_whole_picture() {
        let view = View::of(&ramp(800, 800), Some(Rect { x: 200.0, y: 100.0, w: 200.0, h: 300.0 })).unwrap();
        assert_eq!((view.picture.width(), view.picture.height()), (200, 300));
        assert_eq!(view.picture.rgb()[..2], [25, 12]);
        assert_eq!(view.to_picture(0.0, 0.0), [200.5, 100.5]);
        assert_eq!(SHAPES[view.shape], (256, 384));
    }

    #[test]
    fn frames_that_leave_the_picture_are_cut_or_refused() {
        let p = ramp(400, 300);
        let rect = |x, y, w, h| Some(Rect { x, y, w, h });
        assert_eq!(View::of(&p, rect(-50.0, -50.0, 300.0, 300.0)).unwrap().picture.width(), 250);
        for bad in [rect(390.0, 0.0, 200.0, 300.0), rect(f32::NAN, 0.0, f32::NAN, 9.0), rect(0.0, 0.0, -5.0, 300.0)] {
            assert!(matches!(View::of(&p, bad), Err(KungfuError::TooSmall)));
        }
    }

    #[test]
    fn every_shape_fits_its_canvas() {
        for (w, h) in [(1280, 720), (720, 1280), (3000, 400), (96, 96), (100, 1200), (577, 385)] {
            let view = View::of(&Picture::from_rgb(w, h, vec![9; (w * h * 3) as usize]).unwrap(), None).unwrap();
            let (cw, ch) = SHAPES[view.shape];
            assert!(view.grey.width() as usize <= cw && view.grey.height() as usize <= ch, "{w}×{h}");
        }
    }
}
