//! MiniFASNet through the plug, where its weights are at hand (../shared/models/pad); they are in no registry package.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};

use face::{DecodeLimits, ModelPaths, Models, PassiveNetwork, Picture};

fn network(path: PathBuf, context: f32) -> PassiveNetwork {
    PassiveNetwork {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        path,
        side: 80,
        context,
        square: false,
        bgr: true,
        mean: [0.0; 3],
        divide_by: [1.0; 3],
        output: "logits".into(),
        classes: 3,
        live: 1,
    }
}

/// The scores of a few pictures whose names begin so.
fn scores(analyzer: &mut face::Analyzer, folder: &Path, begins: &str) -> Vec<f32> {
    let names = std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path());
    let mut names: Vec<PathBuf> =
        names.filter(|p| p.file_name().unwrap().to_string_lossy().starts_with(begins)).collect();
    names.sort();
    let mut scores = Vec::new();
    for name in names.iter().step_by(4).take(12) {
        let picture = Picture::decode(&std::fs::read(name).unwrap(), &DecodeLimits::default()).unwrap();
        if let Some(found) = analyzer.detect(&picture).unwrap().first() {
            scores.push(analyzer.passive(&picture, found).unwrap().unwrap());
        }
    }
    scores
}

#[test]
fn a_plugged_network_tells_prints_from_people() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let (weights, stills) = (shared.join("models/pad"), shared.join("data/faces/pad/nuaa"));
    if !weights.join("MiniFASNetV2.onnx").is_file() || !stills.is_dir() {
        println!("no weights or pictures at hand: nothing to test");
        return;
    }
    let (manifest, cache) = (models::Manifest::embedded().unwrap(), models::Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut models::Silent).unwrap();
    let engine = nn::Engine::load(&files.openvino_dir, nn::EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    let bare = Models::load(&engine, &paths).unwrap();
    let two = vec![network(weights.join("MiniFASNetV2.onnx"), 2.7), network(weights.join("MiniFASNetV1SE.onnx"), 4.0)];
    let mut analyzer = bare.clone().with_passive(two).unwrap().analyzer().unwrap();
    let live = scores(&mut analyzer, &stills, "live");
    let prints = scores(&mut analyzer, &stills, "spoof");
    println!("live {live:.2?}, prints {prints:.2?}");
    assert!(live.len() >= 8 && prints.len() >= 8);
    // How the classes are ordered tells whether the crop is right; where a threshold lies is `decide`'s part.
    let wins: usize = live.iter().map(|l| prints.iter().filter(|p| l > p).count()).sum();
    let auc = wins as f32 / (live.len() * prints.len()) as f32;
    assert!(auc >= 0.95, "AUC {auc}");
    assert!(prints.iter().all(|p| *p < 0.5), "{prints:?}");

    let grey = Picture::from_rgb(64, 64, vec![128; 64 * 64 * 3]).unwrap();
    let bbox = face::FaceBox { x: 8.0, y: 8.0, w: 40.0, h: 40.0, score: 1.0 };
    let anywhere = face::Detection { bbox, points: face::FivePoints([face::Point::new(1.0, 1.0); 5]) };
    assert_eq!(bare.analyzer().unwrap().passive(&grey, &anywhere).unwrap(), None, "nothing is plugged in");
    let missing = bare.with_passive(vec![network(weights.join("none.onnx"), 2.7)]);
    assert!(missing.is_err());
}
