//! The plug for an anti-spoofing network, with a network made here: the loudest sample of the input.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions, Precision};
use voice::{LivingInput, LivingPlug, LivingScale, ModelPaths, Models, PromptPaths, Sound, VoiceError};

const SAMPLES: usize = 16_000;

/// A field of a protocol buffer that holds bytes.
fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
    let mut length = value.len();
    let mut out = vec![field << 3 | 2];
    while length >= 128 {
        out.push((length & 127) as u8 | 128);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend(value);
    out
}

/// A field that holds a number.
fn number(field: u32, mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut key = (field << 3) as usize;
    for part in [&mut key, &mut value] {
        while *part >= 128 {
            out.push((*part & 127) as u8 | 128);
            *part >>= 7;
        }
        out.push(*part as u8);
    }
    out
}

fn tensor(name: &str, sizes: &[usize]) -> Vec<u8> {
    let dims: Vec<u8> = sizes.iter().flat_map(|size| bytes(1, &number(1, *size))).collect();
    let kind = bytes(1, &[number(1, 1), bytes(2, &dims)].concat());
    [bytes(1, name.as_bytes()), bytes(2, &kind)].concat()
}

/// `x` 1×16000 → `y` 1×1: ReduceMax.
fn onnx() -> Vec<u8> {
    let attribute =
        |name: &str, value: Vec<u8>, kind| bytes(5, &[bytes(1, name.as_bytes()), value, number(20, kind)].concat());
    let axes = attribute("axes", number(8, 1), 7);
    let keep = attribute("keepdims", number(3, 1), 2);
    let node = [bytes(1, b"x"), bytes(2, b"y"), bytes(4, b"ReduceMax"), axes, keep].concat();
    let graph = [
        bytes(1, &node),
        bytes(2, b"loudest"),
        bytes(11, &tensor("x", &[1, SAMPLES])),
        bytes(12, &tensor("y", &[1, 1])),
    ];
    let opset = [bytes(1, b""), number(2, 13)].concat();
    [number(1, 8), bytes(7, &graph.concat()), bytes(8, &opset)].concat()
}

fn plug(path: PathBuf) -> LivingPlug {
    let (input, output, scale) = (LivingInput::Wave(SAMPLES), "y".to_owned(), LivingScale::Probability);
    LivingPlug { path, input, output, values: 1, living: 0, scale }
}

fn load(living: LivingPlug) -> Result<Models, VoiceError> {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let core = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let files = models::voice(&manifest, &cache, &mut Silent).unwrap();
    let options = EngineOptions { precision: Precision::F32, ..EngineOptions::default() };
    let paths = ModelPaths {
        speaker: files.speaker,
        speech: files.speech,
        prompt: PromptPaths { encoder: files.prompt_encoder, decoder: files.prompt_decoder },
        world: None,
        phrase: None,
        living: Some(living),
    };
    Models::load(&Engine::load(&core.openvino_dir, options).unwrap(), &paths)
}

fn saved(folder: &Path, content: &[u8]) -> PathBuf {
    let path = folder.join("net.onnx");
    std::fs::write(&path, content).unwrap();
    path
}

/// A sentence that says what is wrong, on one line.
fn refused(living: LivingPlug) -> String {
    let error = load(living).and_then(|models| models.analyzer().map(|_| ())).unwrap_err().to_string();
    assert!(!error.trim().contains('\n'), "{error}");
    error
}

#[test]
fn a_plugged_network_is_asked_about_the_speech() {
    let folder = tempfile::tempdir().unwrap();
    let mut analyzer = load(plug(saved(folder.path(), &onnx()))).unwrap().analyzer().unwrap();
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::spoken_digits(&manifest, &cache, &mut Silent).unwrap();
    let digits: Vec<f32> = files
        .iter()
        .flat_map(|f| [Sound::from_wav(&std::fs::read(f).unwrap()).unwrap().samples(), &[0.0; 2_400]].concat())
        .collect();
    for loud in [1.0_f32, 0.5] {
        let sound = Sound::from_samples(digits.iter().map(|s| s * loud).collect()).unwrap();
        let speech = analyzer.speech(&sound).unwrap();
        let span = speech.span().unwrap();
        let wanted = sound.samples()[span.start..][..SAMPLES].iter().copied().fold(f32::MIN, f32::max);
        let said = analyzer.living(&sound, &speech).unwrap().unwrap();
        assert!((said - wanted).abs() < 1e-4, "{said} and not {wanted}");
    }
    let silence = Sound::from_samples(vec![0.0; SAMPLES]).unwrap();
    let speech = analyzer.speech(&silence).unwrap();
    assert!(matches!(analyzer.living(&silence, &speech), Some(Err(VoiceError::TooShort))));
}

#[test]
fn a_network_that_does_not_fit_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let good = plug(saved(folder.path(), &onnx()));
    refused(LivingPlug { values: 2, ..good.clone() });
    refused(LivingPlug { output: "z".to_owned(), ..good.clone() });
    assert!(refused(plug(folder.path().join("none.onnx"))).contains("none.onnx"));
    assert!(refused(plug(saved(folder.path(), b"no network"))).contains("net.onnx"));
}
