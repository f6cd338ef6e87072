use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError};

use crate::error::DecodeError;
use crate::jpeg::{self, Raw};
use crate::limits::{MAX_FILE_BYTES, MAX_FILE_PIXELS, MAX_FILE_SIDE, MAX_FRAME_BYTES, MAX_FRAME_SIDE, MIN_SIDE};
use crate::orient::upright;
use crate::picture::Picture;

/// What a stranger's picture may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeLimits {
    pub max_bytes: usize,
    pub max_pixels: u64,
    pub max_side: u32,
}

impl DecodeLimits {
    /// For files that the operator names on the command line: 32 MiB, 40 megapixels.
    pub const fn file() -> Self {
        Self { max_bytes: MAX_FILE_BYTES, max_pixels: MAX_FILE_PIXELS, max_side: MAX_FILE_SIDE }
    }

    /// For frames of a capture: 300 KiB, 1280 pixels.
    pub const fn frame() -> Self {
        let side = MAX_FRAME_SIDE as u64;
        Self { max_bytes: MAX_FRAME_BYTES, max_pixels: side * side, max_side: MAX_FRAME_SIDE }
    }
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self::file()
    }
}

impl Picture {
    /// Decodes JPEG, PNG or WebP (told apart by their first bytes, never by a name) and turns it upright by its EXIF
    /// orientation. Sizes are checked in the header, before memory is taken. Transparency is ignored.
    ///
    /// # Errors
    /// The bytes are empty, too many, no picture, cut off or damaged, or the picture is too large or too small.
    pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Self, DecodeError> {
        if bytes.is_empty() {
            return Err(DecodeError::Empty);
        }
        if bytes.len() > limits.max_bytes {
            return Err(DecodeError::TooManyBytes { got: bytes.len(), max: limits.max_bytes });
        }
        let (width, height, rgb, orientation) = match Format::of(bytes)? {
            Format::Jpeg => jpeg::decode(bytes, limits)?,
            Format::Png => {
                check_png_header(bytes, limits)?;
                with_image(PngDecoder::with_limits(Cursor::new(bytes), image_limits(limits)), limits)?
            }
            Format::WebP => with_image(WebPDecoder::new(Cursor::new(bytes)), limits)?,
        };
        let (width, height, rgb) = upright(width, height, rgb, orientation);
        Self::from_rgb(width, height, rgb)
    }
}

#[derive(Clone, Copy)]
enum Format {
    Jpeg,
    Png,
    WebP,
}

impl Format {
    fn of(bytes: &[u8]) -> Result<Self, DecodeError> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            _ => Err(DecodeError::UnknownFormat),
        }
    }
}

/// Refuses sizes that cannot hold a face or would take too much memory.
pub(crate) fn check_size(width: u32, height: u32, limits: &DecodeLimits) -> Result<(), DecodeError> {
    let pixels = u64::from(width) * u64::from(height);
    if width > limits.max_side || height > limits.max_side || pixels > limits.max_pixels {
        return Err(DecodeError::TooManyPixels { width, height });
    }
    if width < MIN_SIDE || height < MIN_SIDE {
        return Err(DecodeError::TooSmall { width, height });
    }
    Ok(())
}

/// The size in a PNG's first chunk, before the decoder sees the file.
fn check_png_header(bytes: &[u8], limits: &DecodeLimits) -> Result<(), DecodeError> {
    match bytes.get(16..24) {
        Some(&[w0, w1, w2, w3, h0, h1, h2, h3]) => {
            check_size(u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]), limits)
        }
        _ => Err(DecodeError::Truncated),
    }
}

fn with_image<D: ImageDecoder>(decoder: Result<D, ImageError>, limits: &DecodeLimits) -> Result<Raw, DecodeError> {
    let mut decoder = decoder.map_err(|e| damaged(&e))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, limits)?;
    decoder.set_limits(image_limits(limits)).map_err(|e| damaged(&e))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let rgb = DynamicImage::from_decoder(decoder).map_err(|e| damaged(&e))?.into_rgb8().into_raw();
    Ok((width, height, rgb, orientation))
}

fn image_limits(limits: &DecodeLimits) -> image::Limits {
    let mut bounds = image::Limits::default();
    // 16-bit RGBA takes eight bytes a pixel; the decoders need some more for themselves.
    bounds.max_alloc = Some(limits.max_pixels.saturating_mul(8).saturating_add(8 << 20));
    bounds
}

fn damaged(error: &ImageError) -> DecodeError {
    match error {
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => DecodeError::Truncated,
        other => DecodeError::Damaged { reason: other.to_string().chars().take(120).collect() },
    }
}
