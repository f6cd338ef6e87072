//! Frames to bytes: JPEG for the capture protocol, Y4M for a browser's fake camera.

use crate::PuppetError;
use crate::pose::{FRAME_HEIGHT, FRAME_WIDTH};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use std::io::Write;

/// JPEG quality of sent frames: as a browser's canvas gives at 0.88.
const JPEG_QUALITY: u8 = 88;

/// One frame as JPEG.
///
/// # Errors
/// When the encoder refuses the picture.
pub fn jpeg(frame: &RgbImage) -> Result<Vec<u8>, PuppetError> {
    let mut out = Vec::with_capacity(64 * 1024);
    JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY).encode_image(frame).map_err(PuppetError::Encode)?;
    Ok(out)
}

/// The same picture, compressed again at this quality (1–100): what is left of a copy.
///
/// # Errors
/// When it is no JPEG.
pub fn recompress(bytes: &[u8], quality: u8) -> Result<Vec<u8>, PuppetError> {
    let picture = unjpeg(bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    JpegEncoder::new_with_quality(&mut out, quality).encode_image(&picture).map_err(PuppetError::Encode)?;
    Ok(out)
}

/// The frame in a JPEG made here.
///
/// # Errors
/// When it is none.
pub fn unjpeg(jpeg: &[u8]) -> Result<RgbImage, PuppetError> {
    let picture = image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).map_err(PuppetError::Encode)?;
    Ok(picture.into_rgb8())
}

/// Writes frames as uncompressed YUV4MPEG2 video (4:2:0, full range).
///
/// # Errors
/// When the file cannot be written.
pub fn write_y4m(
    out: &mut impl Write,
    fps: u32,
    frames: impl IntoIterator<Item = RgbImage>,
) -> Result<(), PuppetError> {
    let header = format!("YUV4MPEG2 W{FRAME_WIDTH} H{FRAME_HEIGHT} F{fps}:1 Ip A1:1 C420jpeg\n");
    out.write_all(header.as_bytes()).map_err(PuppetError::Write)?;
    for frame in frames {
        out.write_all(b"FRAME\n").map_err(PuppetError::Write)?;
        out.write_all(&planes(&frame)).map_err(PuppetError::Write)?;
    }
    out.flush().map_err(PuppetError::Write)
}

/// Y, then U and V at half size.
fn planes(frame: &RgbImage) -> Vec<u8> {
    let (w, h) = frame.dimensions();
    let mut out: Vec<u8> = frame.pixels().map(|p| weigh(p, [0.299, 0.587, 0.114], 0.0)).collect();
    for weights in [[-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]] {
        for y in (0..h).step_by(2) {
            for x in (0..w).step_by(2) {
                out.push(weigh(frame.get_pixel(x, y), weights, 128.0));
            }
        }
    }
    out
}

fn weigh(Rgb([r, g, b]): &Rgb<u8>, [wr, wg, wb]: [f32; 3], base: f32) -> u8 {
    (f32::from(*r) * wr + f32::from(*g) * wg + f32::from(*b) * wb + base + 0.5) as u8
}
