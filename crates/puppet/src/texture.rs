//! The portrait as a texture with a soft, endless background.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// The texture is worked at 1/8 size where it is only blur.
const COARSE: u32 = 8;
/// The portrait's rim fades into the background over this many pixels.
const RIM_PX: f32 = 5.0;

/// Adds `pad` pixels (a multiple of 8) on every side of `picture`: its own colours, blurred more and more.
/// `eyes_px` is the distance between the eyes and sets the blur.
pub fn pad_softly(picture: &RgbImage, pad: u32, eyes_px: f32) -> RgbImage {
    let (w, h) = picture.dimensions();
    let (big_w, big_h) = (w + 2 * pad, h + 2 * pad);
    let small = imageops::resize(picture, w.div_ceil(COARSE), h.div_ceil(COARSE), FilterType::Triangle);
    let sigma = eyes_px / COARSE as f32;
    let small = imageops::blur(&small, 0.3 * sigma);
    let small = imageops::blur(&replicate(&small, pad / COARSE), 0.5 * sigma);
    let mut out = imageops::resize(&small, big_w, big_h, FilterType::Triangle);
    for (x, y, p) in picture.enumerate_pixels() {
        let rim = x.min(y).min(w - 1 - x).min(h - 1 - y) as f32;
        let share = (rim / RIM_PX).min(1.0);
        let Rgb(soft) = *out.get_pixel(x + pad, y + pad);
        let Rgb(own) = *p;
        let mix = |a: u8, b: u8| (f32::from(a) * share + f32::from(b) * (1.0 - share)) as u8;
        let [r, g, b] = own;
        let [sr, sg, sb] = soft;
        out.put_pixel(x + pad, y + pad, Rgb([mix(r, sr), mix(g, sg), mix(b, sb)]));
    }
    out
}

fn replicate(picture: &RgbImage, pad: u32) -> RgbImage {
    let (w, h) = picture.dimensions();
    RgbImage::from_fn(w + 2 * pad, h + 2 * pad, |x, y| {
        let inside = |v: u32, n: u32| v.saturating_sub(pad).min(n.saturating_sub(1));
        *picture.get_pixel(inside(x, w), inside(y, h))
    })
}
