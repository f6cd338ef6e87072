use crate::error::{DecodeError, FaceError};

/// An RGB picture with 8 bits a channel, rows packed without gaps, upright.
#[derive(Clone)]
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Picture {
    /// Takes `width × height × 3` bytes, row by row from the top left.
    ///
    /// # Errors
    /// The number of bytes does not fit the size.
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, DecodeError> {
        let need = u128::from(width) * u128::from(height) * 3;
        if width == 0 || height == 0 || rgb.len() as u128 != need {
            return Err(DecodeError::WrongLength { width, height, got: rgb.len() });
        }
        Ok(Self { width, height, rgb })
    }

    pub const fn width(&self) -> u32 {
        self.width
    }

    pub const fn height(&self) -> u32 {
        self.height
    }

    /// `width × height × 3` bytes.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Gives the pixels back.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }

    /// Grey values (ITU-R BT.601) of the whole picture.
    pub fn luma(&self) -> Luma {
        let (pixels, _) = self.rgb.as_chunks::<3>();
        Luma { width: self.width, height: self.height, data: pixels.iter().copied().map(grey).collect() }
    }

    /// The whole picture at another size (averaging, no aliasing); the sides' ratio may change.
    ///
    /// # Errors
    /// The resizer refuses the size.
    pub fn resized(&self, width: u32, height: u32) -> Result<Self, FaceError> {
        let mut rgb = Vec::new();
        shrink_into(&mut fast_image_resize::Resizer::new(), self, (width, height), &mut rgb)?;
        Ok(Self { width, height, rgb })
    }

    /// Grey values with the long side shrunk to at most `long_side` pixels (averaging, no aliasing), and how many picture
    /// pixels one of them spans (≥ 1).
    ///
    /// # Errors
    /// The resizer refuses the size.
    pub fn luma_small(&self, long_side: u32) -> Result<(Luma, f32), FaceError> {
        let long = self.width.max(self.height);
        if long <= long_side || long_side == 0 {
            return Ok((self.luma(), 1.0));
        }
        let scale = f64::from(long_side) / f64::from(long);
        let mut small = Vec::new();
        let (w, h) = scaled_size(self.width, self.height, scale);
        shrink_into(&mut fast_image_resize::Resizer::new(), self, (w, h), &mut small)?;
        let (pixels, _) = small.as_chunks::<3>();
        let data = pixels.iter().copied().map(grey).collect();
        #[expect(clippy::cast_possible_truncation, reason = "a ratio of picture sizes")]
        Ok((Luma { width: w, height: h, data }, (1.0 / scale) as f32))
    }
}

/// An 8-bit grey picture.
#[derive(Clone)]
pub struct Luma {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl Luma {
    /// Takes `width × height` bytes.
    ///
    /// # Errors
    /// The number of bytes does not fit the size.
    pub fn new(width: u32, height: u32, data: Vec<u8>) -> Result<Self, DecodeError> {
        if width == 0 || height == 0 || data.len() as u64 != u64::from(width) * u64::from(height) {
            return Err(DecodeError::WrongLength { width, height, got: data.len() });
        }
        Ok(Self { width, height, data })
    }

    pub const fn width(&self) -> u32 {
        self.width
    }

    pub const fn height(&self) -> u32 {
        self.height
    }

    /// `width × height` bytes.
    pub fn data(&self) -> &[u8] {
        &self.data
    }
}

/// Brightness of a pixel by ITU-R BT.601, in 1/256 steps of the weights.
pub(crate) fn grey([r, g, b]: [u8; 3]) -> u8 {
    let sum = 77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b) + 128;
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

/// Width and height times `scale`, at least one pixel each.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are bounded by the decoder's limits"
)]
pub(crate) fn scaled_size(width: u32, height: u32, scale: f64) -> (u32, u32) {
    let side = |n: u32| ((f64::from(n) * scale).round() as u32).max(1);
    (side(width), side(height))
}

/// Resizes to `size` with an antialiased triangle filter, reusing `out`'s memory.
///
/// The typed call matters: the untyped one compiles every pixel format's kernels into this crate (minutes of build).
pub(crate) fn shrink_into(
    resizer: &mut fast_image_resize::Resizer,
    picture: &Picture,
    (w, h): (u32, u32),
    out: &mut Vec<u8>,
) -> Result<(), FaceError> {
    use fast_image_resize::images::{TypedImage, TypedImageRef};
    use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, pixels::U8x3};
    out.clear();
    out.resize(w as usize * h as usize * 3, 0);
    let failed = |e: &dyn std::fmt::Display| FaceError::Resize(e.to_string());
    let source =
        TypedImageRef::<U8x3>::from_buffer(picture.width, picture.height, &picture.rgb).map_err(|e| failed(&e))?;
    let mut target = TypedImage::<U8x3>::from_buffer(w, h, out).map_err(|e| failed(&e))?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    resizer.resize_typed(&source, &mut target, &options).map_err(|e| failed(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_must_fit_the_size() {
        assert!(Picture::from_rgb(2, 2, vec![0; 12]).is_ok());
        for (w, h, len) in [(2, 2, 11), (0, 5, 0), (u32::MAX, u32::MAX, 3)] {
            assert!(Picture::from_rgb(w, h, vec![0; len]).is_err());
        }
    }

    #[test]
    fn grey_weights_are_bt601() {
        let p = Picture::from_rgb(4, 1, vec![255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]).unwrap();
        assert_eq!(p.luma().data(), [77, 149, 29, 255]);
    }

    #[test]
    fn small_luma_keeps_the_aspect_and_says_its_scale() {
        let p = Picture::from_rgb(1280, 720, vec![90; 1280 * 720 * 3]).unwrap();
        let (luma, scale) = p.luma_small(320).unwrap();
        assert_eq!((luma.width(), luma.height()), (320, 180));
        assert!((scale - 4.0).abs() < 1e-6);
        assert!(luma.data().iter().all(|&v| v == 90));
    }
}
