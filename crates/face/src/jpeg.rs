use image::metadata::Orientation;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::decode::{DecodeLimits, check_size};
use crate::error::DecodeError;
use crate::limits::MAX_JPEG_SCANS;

/// Decoded pixels that are not yet upright.
pub(crate) type Raw = (u32, u32, Vec<u8>, Orientation);

/// Decodes a JPEG to RGB; its size is checked before memory is taken.
pub(crate) fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Raw, DecodeError> {
    // The decoder fills missing parts with grey; a face must not be half invented.
    if !has_end(bytes) {
        return Err(DecodeError::Truncated);
    }
    let side = limits.max_side as usize;
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(side)
        .set_max_height(side)
        .jpeg_set_max_scans(MAX_JPEG_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| damaged(&e))?;
    let info = decoder.info().ok_or_else(|| DecodeError::Damaged { reason: "no header".to_owned() })?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    check_size(width, height, limits)?;
    let orientation = decoder.exif().and_then(|e| Orientation::from_exif_chunk(e)).unwrap_or(Orientation::NoTransforms);
    let pixels = decoder.decode().map_err(|e| damaged(&e))?;
    let rgb = match decoder.output_colorspace() {
        Some(ColorSpace::Luma) => pixels.iter().flat_map(|&v| [v; 3]).collect(),
        _ => pixels,
    };
    Ok((width, height, rgb, orientation))
}

fn damaged(error: &DecodeErrors) -> DecodeError {
    match error {
        DecodeErrors::ExhaustedData => DecodeError::Truncated,
        // The message only: the decoder's debug form is long.
        other => DecodeError::Damaged { reason: format!("{other:?}").chars().take(120).collect() },
    }
}

/// Whether the end-of-image marker follows the first scan. Inside coded data the byte FF is always followed by 00 or a
/// restart marker, so FF D9 after the scan's start is the end; before it, a thumbnail may hold one.
fn has_end(bytes: &[u8]) -> bool {
    let scan = scan_start(bytes);
    scan.and_then(|start| bytes.get(start..)).is_some_and(|data| data.windows(2).any(|pair| pair == [0xFF, 0xD9]))
}

/// Walks the segments up to the first start-of-scan marker.
fn scan_start(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        match (*bytes.get(at)?, marker) {
            (0xFF, 0xDA) => return Some(at),
            // Fill bytes, and markers without a length.
            (0xFF, 0xFF) => at += 1,
            (0xFF, 0x01 | 0xD0..=0xD8) => at += 2,
            (0xFF, _) => {
                let length = u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]);
                at += 2 + usize::from(length.max(2));
            }
            // Garbage between segments: look for the next marker.
            _ => at += 1,
        }
    }
}
