#![expect(
    clippy::indexing_slicing,
    reason = "indices are clamped to the picture's size, which Picture ties to its length"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixel positions below 2^24"
)]

use crate::align::Similarity;
use crate::geometry::Point;
use crate::picture::Picture;

/// Most samples along one side of a target pixel.
const MAX_SAMPLES: u32 = 4;

/// Fills a square crop of `size` pixels: for each target pixel, `put(index, [r, g, b])` with values 0..=255, black outside of
/// the picture. `to_picture` maps crop pixels onto picture pixels.
///
/// Bilinear; when the picture is much finer than the crop, several samples are averaged so that fine texture does not alias.
pub(crate) fn warp_square(picture: &Picture, to_picture: &Similarity, size: u32, mut put: impl FnMut(usize, [f32; 3])) {
    // A bilinear sample spans two picture pixels.
    let samples = ((to_picture.scale() / 2.0).round() as u32).clamp(1, MAX_SAMPLES);
    let step = 1.0 / samples as f32;
    let first = step / 2.0 - 0.5;
    let share = step * step;
    for y in 0..size {
        for x in 0..size {
            let mut sum = [0.0; 3];
            for sy in 0..samples {
                for sx in 0..samples {
                    let at = Point::new(x as f32 + first + sx as f32 * step, y as f32 + first + sy as f32 * step);
                    let rgb = bilinear(picture, to_picture.apply(at));
                    (0..3).for_each(|c| sum[c] += rgb[c]);
                }
            }
            put((y * size + x) as usize, sum.map(|v| v * share));
        }
    }
}

/// The colour between four pixels; pixel centres are at whole numbers.
#[inline]
fn bilinear(picture: &Picture, at: Point) -> [f32; 3] {
    let (w, h) = (picture.width() as i32, picture.height() as i32);
    let (fx, fy) = (at.x.floor(), at.y.floor());
    // Also false for NaN; keeps the conversion below in range.
    if !(fx >= -1.0 && fy >= -1.0 && fx < w as f32 && fy < h as f32) {
        return [0.0; 3];
    }
    let (x0, y0) = (fx as i32, fy as i32);
    let (ax, ay) = (at.x - fx, at.y - fy);
    let rgb = picture.rgb();
    let mut sum = [0.0; 3];
    for (dx, dy, weight) in
        [(0, 0, (1.0 - ax) * (1.0 - ay)), (1, 0, ax * (1.0 - ay)), (0, 1, (1.0 - ax) * ay), (1, 1, ax * ay)]
    {
        let (x, y) = (x0 + dx, y0 + dy);
        if x >= 0 && y >= 0 && x < w && y < h {
            let i = (y as usize * w as usize + x as usize) * 3;
            let pixel = &rgb[i..i + 3];
            (0..3).for_each(|c| sum[c] += weight * f32::from(pixel[c]));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(w: u32, h: u32) -> Picture {
        let rgb = (0..h).flat_map(|y| (0..w).flat_map(move |x| [x as u8, y as u8, 7])).collect();
        Picture::from_rgb(w, h, rgb).unwrap()
    }

    #[test]
    fn samples_between_pixels_and_black_outside() {
        let p = ramp(10, 10);
        assert_eq!(bilinear(&p, Point::new(2.5, 3.25)), [2.5, 3.25, 7.0]);
        for out in [(-1.5, 3.0), (3.0, 10.5), (f32::NAN, 1.0), (1e30, 1.0), (f32::NEG_INFINITY, 0.0)] {
            assert_eq!(bilinear(&p, Point::new(out.0, out.1)), [0.0; 3]);
        }
    }

    #[test]
    fn supersampling_keeps_the_place() {
        let p = ramp(200, 200);
        for side in [16.0, 64.0, 128.0] {
            let map = Similarity::crop_to_picture(Point::new(100.0, 100.0), side, 0.0, 16.0);
            let mut got = vec![[0.0; 3]; 256];
            warp_square(&p, &map, 16, |i, rgb| got[i] = rgb);
            let want = map.apply(Point::new(5.0, 9.0));
            let pixel = got[9 * 16 + 5];
            assert!((pixel[0] - want.x).abs() < 0.01 && (pixel[1] - want.y).abs() < 0.01, "{side}: {pixel:?} {want:?}");
        }
    }
}
