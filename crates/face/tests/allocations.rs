//! In steady state the detector and the recogniser allocate nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use face::{DecodeLimits, ModelPaths, Models, Picture};
use models::{Cache, Manifest, Silent};

#[test]
fn detect_and_embed_allocate_nothing_per_frame() {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let engine = nn::Engine::load(&files.openvino_dir, nn::EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    let mut analyzer = Models::load(&engine, &paths).unwrap().analyzer().unwrap();
    let bytes = std::fs::read(portraits.get("obama3.jpg").unwrap()).unwrap();
    let picture = Picture::decode(&bytes, &DecodeLimits::file()).unwrap();
    let mut found = Vec::new();
    let mut frame = || {
        analyzer.detect_into(&picture, &mut found).unwrap();
        let vector = analyzer.embed(&picture, &found[0].points).unwrap();
        assert!(vector.cosine(&vector).value() > 0.99);
    };
    frame();
    let steady = allocation_counter::measure(|| (0..5).for_each(|_| frame()));
    assert_eq!((steady.count_total, steady.bytes_total), (0, 0));
}
