//! Hot paths of one frame, on one thread: `cargo bench -p face`. Needs the models in the cache.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops where it cannot measure")]

use std::io::Cursor;

use divan::{Bencher, black_box};
use face::{Analyzer, DecodeLimits, Detection, ModelPaths, Models, Picture};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, overlay, resize};
use image::{Rgb, RgbImage};
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions, Precision};

const PRECISIONS: [&str; 2] = ["bf16", "f32"];

fn main() {
    divan::main();
}

struct Kit {
    analyzer: Analyzer,
    jpeg: Vec<u8>,
    picture: Picture,
    face: Detection,
}

/// A portrait in a 1280×720 frame, as `smilepay evaluate faces` times it.
fn kit(precision: &str) -> Kit {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let portrait = std::fs::read(portraits.get("obama3.jpg").unwrap()).unwrap();
    let precision: Precision = precision.parse().unwrap();
    let engine = Engine::load(&files.openvino_dir, EngineOptions { precision, threads: 1, streams: 1 }).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    let mut analyzer = Models::load(&engine, &paths).unwrap().analyzer().unwrap();
    let jpeg = frame_720p(&portrait);
    let picture = Picture::decode(&jpeg, &DecodeLimits::file()).unwrap();
    let face = analyzer.detect(&picture).unwrap()[0];
    Kit { analyzer, jpeg, picture, face }
}

fn frame_720p(portrait: &[u8]) -> Vec<u8> {
    let picture = Picture::decode(portrait, &DecodeLimits::file()).unwrap();
    let (w, h) = (picture.width(), picture.height());
    let small = RgbImage::from_raw(w, h, picture.into_rgb()).unwrap();
    let width = (w * 720 / h).clamp(1, 1280);
    let mut frame = RgbImage::from_fn(1280, 720, |x, y| {
        let v = u8::try_from((x / 7 * 31 + y / 5 * 17) % 200).unwrap();
        Rgb([v, v / 2 + 60, 255 - v])
    });
    overlay(&mut frame, &resize(&small, width, 720, FilterType::Triangle), i64::from((1280 - width) / 2), 0);
    let mut bytes = Cursor::new(Vec::new());
    frame.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes.into_inner()
}

#[divan::bench]
fn decode_720p(bencher: Bencher<'_, '_>) {
    let kit = kit("auto");
    bencher.bench_local(|| Picture::decode(black_box(&kit.jpeg), &DecodeLimits::file()).unwrap());
}

#[divan::bench]
fn luma_640(bencher: Bencher<'_, '_>) {
    let kit = kit("auto");
    bencher.bench_local(|| black_box(&kit.picture).luma_small(640).unwrap());
}

#[divan::bench]
fn quality(bencher: Bencher<'_, '_>) {
    let kit = kit("auto");
    bencher.bench_local(|| face::quality(black_box(&kit.picture), &kit.face, None));
}

#[divan::bench(args = PRECISIONS)]
fn detect(bencher: Bencher<'_, '_>, precision: &str) {
    let mut kit = kit(precision);
    let mut found = Vec::new();
    bencher.bench_local(|| kit.analyzer.detect_into(black_box(&kit.picture), &mut found).unwrap());
}

#[divan::bench(args = PRECISIONS)]
fn align_embed(bencher: Bencher<'_, '_>, precision: &str) {
    let mut kit = kit(precision);
    bencher.bench_local(|| kit.analyzer.embed(black_box(&kit.picture), &kit.face.points).unwrap());
}

/// JPEG to cosine.
#[divan::bench(args = PRECISIONS)]
fn verify_720p(bencher: Bencher<'_, '_>, precision: &str) {
    let mut kit = kit(precision);
    let enrolled = kit.analyzer.embed(&kit.picture, &kit.face.points).unwrap();
    let mut found = Vec::new();
    bencher.bench_local(|| {
        let picture = Picture::decode(black_box(&kit.jpeg), &DecodeLimits::file()).unwrap();
        kit.analyzer.detect_into(&picture, &mut found).unwrap();
        kit.analyzer.embed(&picture, &found[0].points).unwrap().cosine(&enrolled).value()
    });
}
