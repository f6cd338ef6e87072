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
    let inside = lies_inside(picture, to_picture, size);
    for y in 0..size {
        for x in 0..size {
            let mut sum = [0.0; 3];
            for sy in 0..samples {
                for sx in 0..samples {
                    let at = Point::new(x as f32 + first + sx as f32 * step, y as f32 + first + sy as f32 * step);
                    let at = to_picture.apply(at);
                    let rgb = if inside { inner(picture, at) } else { bilinear(picture, at) };
                    (0..3).for_each(|c| sum[c] += rgb[c]);
                }
            }
            put((y * size + x) as usize, sum.map(|v| v * share));
        }
    }
}

/// Whether every sample of the crop has four pixels around it. The crop is a turned square, so its corners tell.
fn lies_inside(picture: &Picture, to_picture: &Similarity, size: u32) -> bool {
    let (low, high) = (-0.5, size as f32 - 0.5);
    let (right, bottom) = (picture.width() as f32 - 1.0, picture.height() as f32 - 1.0);
    [(low, low), (high, low), (low, high), (high, high)].into_iter().all(|(x, y)| {
        let p = to_picture.apply(Point::new(x, y));
        // One pixel of room for the rounding of the positions in between; false for NaN.
        p.x >= 1.0 && p.y >= 1.0 && p.x < right - 1.0 && p.y < bottom - 1.0
    })
}

/// As [`bilinear`], where [`lies_inside`].
#[inline]
fn inner(picture: &Picture, at: Point) -> [f32; 3] {
    let (x0, y0) = (at.x as i32, at.y as i32);
    let (ax, ay) = (at.x - x0 as f32, at.y - y0 as f32);
    let stride = picture.width() as usize * 3;
    let i = y0 as usize * stride + x0 as usize * 3;
    let rgb = picture.rgb();
    let pair = |i: usize| rgb.get(i..).and_then(<[u8]>::first_chunk::<6>);
    let (Some(top), Some(bottom)) = (pair(i), pair(i + stride)) else { return [0.0; 3] };
    std::array::from_fn(|c| {
        let between = |row: &[u8; 6]| f32::from(row[c]) + ax * (f32::from(row[c + 3]) - f32::from(row[c]));
        let (t, b) = (between(top), between(bottom));
        t + ay * (b - t)
    })
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
    fn the_quick_way_gives_the_same() {
        let rgb = (0..60_u32 * 50 * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let p = Picture::from_rgb(60, 50, rgb).unwrap();
        let crop = |x, y, side| Similarity::crop_to_picture(Point::new(x, y), side, 17.0, 16.0);
        assert!(lies_inside(&p, &crop(30.0, 25.0, 30.0), 16));
        for outside in
            [crop(10.0, 25.0, 30.0), crop(30.0, 44.0, 20.0), crop(30.0, 25.0, 60.0), crop(f32::NAN, 9.0, 9.0)]
        {
            assert!(!lies_inside(&p, &outside, 16));
        }
        let map = crop(30.0, 25.0, 30.0);
        for at in (0..256).map(|i| map.apply(Point::new((i % 16) as f32 + 0.25, (i / 16) as f32 - 0.25))) {
            let (quick, slow) = (inner(&p, at), bilinear(&p, at));
            assert!(quick.iter().zip(slow).all(|(q, s)| (q - s).abs() < 1e-3), "{at:?}: {quick:?} {slow:?}");
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
