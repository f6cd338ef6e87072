use std::io::Cursor;
use std::path::Path;
use std::time::Instant;

use face::{Analyzer, DecodeLimits, FaceError, Picture};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, overlay, resize};
use image::{Rgb, RgbImage};

use crate::error::EvaluateError;
use crate::extract::{central_face, read_bounded};
use crate::limits::{TIMED_PICTURES, TIMED_RUNS};
use crate::report::Millis;

const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;
/// About what phones and browsers use for camera frames.
const JPEG_QUALITY: u8 = 90;

/// Times of one run, in ms.
struct Stages {
    decode: f64,
    detect: f64,
    embed: f64,
}

/// Median times on one thread: over some of the list's pictures, and over one 720p picture.
pub(crate) fn measure(folder: &Path, images: &[String], models: &face::Models) -> Result<Millis, EvaluateError> {
    let mut analyzer = models.analyzer()?;
    let every = (images.len() / TIMED_PICTURES).max(1);
    let mut runs = Vec::new();
    let mut portrait = None;
    for name in images.iter().step_by(every).take(TIMED_PICTURES) {
        let Some(bytes) = read_bounded(&folder.join(name)) else { continue };
        // The first look compiles the detector for this shape and fills the caches.
        if runs.is_empty() {
            time(&mut analyzer, &bytes)?;
        }
        if let Some(stages) = time(&mut analyzer, &bytes)? {
            runs.push(stages);
            portrait.get_or_insert(bytes);
        }
    }
    let large = match portrait {
        Some(bytes) => time_720p(&mut analyzer, &bytes)?,
        None => Vec::new(),
    };
    Ok(Millis {
        decode: median(&runs, |s| s.decode),
        detect: median(&runs, |s| s.detect),
        embed: median(&runs, |s| s.embed),
        p720_decode: median(&large, |s| s.decode),
        p720_detect: median(&large, |s| s.detect),
        p720_embed: median(&large, |s| s.embed),
        p720_detect_embed: median(&large, |s| s.detect + s.embed),
        p720_total: median(&large, |s| s.decode + s.detect + s.embed),
    })
}

fn time_720p(analyzer: &mut Analyzer, portrait: &[u8]) -> Result<Vec<Stages>, EvaluateError> {
    let frame = frame_720p(portrait)?;
    time(analyzer, &frame)?;
    let mut runs = Vec::new();
    for _ in 0..TIMED_RUNS {
        runs.extend(time(analyzer, &frame)?);
    }
    Ok(runs)
}

/// Decode, detect, embed once; `None` when no face was found.
fn time(analyzer: &mut Analyzer, bytes: &[u8]) -> Result<Option<Stages>, FaceError> {
    let start = Instant::now();
    let Ok(picture) = Picture::decode(bytes, &DecodeLimits::file()) else { return Ok(None) };
    let decoded = Instant::now();
    let found = analyzer.detect(&picture)?;
    let detected = Instant::now();
    let Some(face) = central_face(&found, picture.width(), picture.height()) else { return Ok(None) };
    let embedding = analyzer.embed(&picture, &face.points)?;
    let embedded = Instant::now();
    std::hint::black_box(&embedding);
    let ms = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64() * 1e3;
    Ok(Some(Stages { decode: ms(start, decoded), detect: ms(decoded, detected), embed: ms(detected, embedded) }))
}

/// The portrait as high as a 1280×720 camera frame, with coarse texture beside it, as JPEG.
///
/// # Errors
/// The portrait is no picture.
pub fn frame_720p(portrait: &[u8]) -> Result<Vec<u8>, EvaluateError> {
    let failed = |reason: String| EvaluateError::TestPicture { reason };
    let picture = Picture::decode(portrait, &DecodeLimits::file()).map_err(|e| failed(e.to_string()))?;
    let (w, h) = (picture.width(), picture.height());
    let small = RgbImage::from_raw(w, h, picture.into_rgb()).ok_or_else(|| failed("size".to_owned()))?;
    let width = (w * HEIGHT / h.max(1)).clamp(1, WIDTH);
    let scaled = resize(&small, width, HEIGHT, FilterType::Triangle);
    let mut frame = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let v = u8::try_from((x / 7 * 31 + y / 5 * 17) % 200).unwrap_or(0);
        Rgb([v, v / 2 + 60, 255 - v])
    });
    overlay(&mut frame, &scaled, i64::from((WIDTH - width) / 2), 0);
    let mut bytes = Cursor::new(Vec::new());
    frame
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))
        .map_err(|e| failed(e.to_string()))?;
    Ok(bytes.into_inner())
}

/// The middle value; 0 when nothing was measured.
fn median(runs: &[Stages], of: impl Fn(&Stages) -> f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
