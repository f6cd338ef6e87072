#![expect(
    clippy::indexing_slicing,
    reason = "both indices run over width × height, which is the length of both buffers"
)]

use image::metadata::Orientation;

/// Turns packed RGB upright as the EXIF orientation asks. Gives the new size and pixels.
pub(crate) fn upright(width: u32, height: u32, rgb: Vec<u8>, orientation: Orientation) -> (u32, u32, Vec<u8>) {
    use Orientation as O;
    if orientation == O::NoTransforms {
        return (width, height, rgb);
    }
    let swaps = matches!(orientation, O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH);
    let (w, h) = (width as usize, height as usize);
    let (nw, nh) = if swaps { (h, w) } else { (w, h) };
    let mut out = vec![0; rgb.len()];
    for y in 0..nh {
        for x in 0..nw {
            // Where the upright pixel (x, y) lies in the stored picture.
            let (sx, sy) = match orientation {
                O::NoTransforms => (x, y),
                O::FlipHorizontal => (w - 1 - x, y),
                O::Rotate180 => (w - 1 - x, h - 1 - y),
                O::FlipVertical => (x, h - 1 - y),
                O::Rotate90FlipH => (y, x),
                O::Rotate90 => (y, h - 1 - x),
                O::Rotate270FlipH => (w - 1 - y, h - 1 - x),
                O::Rotate270 => (w - 1 - y, x),
            };
            let (from, to) = ((sy * w + sx) * 3, (y * nw + x) * 3);
            out[to..to + 3].copy_from_slice(&rgb[from..from + 3]);
        }
    }
    if swaps { (height, width, out) } else { (width, height, out) }
}

#[cfg(test)]
mod tests {
    use image::DynamicImage;

    use super::*;

    /// Against the `image` crate's own transformation, for all eight values.
    #[test]
    fn agrees_with_a_second_implementation() {
        let (w, h) = (5, 3);
        let rgb: Vec<u8> = (0..w * h * 3).map(|v| v as u8).collect();
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut reference = DynamicImage::ImageRgb8(image::RgbImage::from_raw(w, h, rgb.clone()).unwrap());
            reference.apply_orientation(orientation);
            let (nw, nh, got) = upright(w, h, rgb.clone(), orientation);
            assert_eq!((nw, nh), (reference.width(), reference.height()), "{exif}");
            assert_eq!(got, reference.into_rgb8().into_raw(), "{exif}");
        }
    }
}
