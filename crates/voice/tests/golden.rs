//! The networks as converted, on real weights: against what the numpy reference gave for a sound that can be made anywhere, and,
//! where `SMILEPAY_DATA` is set, against the golden vectors beside it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions, Precision};
use voice::{BANDS, Digits, FRAMES, ModelPaths, Models, Quality, Sound};

fn models() -> Models {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let core = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let files = models::voice(&manifest, &cache, &mut Silent).unwrap();
    let engine =
        Engine::load(&core.openvino_dir, EngineOptions { precision: Precision::F32, ..EngineOptions::default() })
            .unwrap();
    let paths = ModelPaths {
        speaker: files.speaker,
        speech: files.speech,
        prompt_encoder: files.prompt_encoder,
        prompt_decoder: files.prompt_decoder,
    };
    Models::load(&engine, &paths).unwrap()
}

/// The spoken digits of a public package, one after another with pauses.
fn spoken(digits: &str, speed: f32) -> Sound {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::spoken_digits(&manifest, &cache, &mut Silent).unwrap();
    let mut samples = vec![0.0; 4_800];
    for digit in digits.bytes() {
        let one = Sound::from_wav(&std::fs::read(&files[usize::from(digit - b'0')]).unwrap()).unwrap();
        let length = (one.samples().len() as f32 / speed) as usize;
        samples.extend((0..length).map(|n| 0.5 * one.samples()[(n as f32 * speed) as usize]));
        samples.extend([0.0; 2_400]);
    }
    samples.iter_mut().enumerate().for_each(|(n, s)| *s += 1e-3 * ((n * 7_919 % 1_000) as f32 / 500.0 - 1.0));
    Sound::from_samples(samples).unwrap()
}

#[test]
fn digits_said_fit_and_others_do_not() {
    let mut analyzer = models().analyzer().unwrap();
    for (said, speed) in [("471902", 1.0), ("380156", 0.95), ("596273", 1.2)] {
        let sound = spoken(said, speed);
        let speech = analyzer.speech(&sound).unwrap();
        assert!(speech.seconds() > 1.2, "{} s of speech in {}", speech.seconds(), sound.seconds());
        let attended = analyzer.attend(&sound, &speech).unwrap();
        let mut margin = |digits: &str| analyzer.score(&attended, &Digits::parse(digits).unwrap()).unwrap().margin;
        assert!(margin(said) > 0.0, "{said}: {}", margin(said));
        for other in ["472902", "417902", "000000", "380157", "596237"] {
            assert!(margin(other) < -0.5, "{said} against {other}: {}", margin(other));
        }
    }
}

#[test]
fn one_voice_is_itself_and_silence_is_nobody() {
    let mut analyzer = models().analyzer().unwrap();
    let mut embed = |digits, speed| {
        let sound = spoken(digits, speed);
        let speech = analyzer.speech(&sound).unwrap();
        analyzer.embed(&sound, &speech).unwrap()
    };
    let (a, b, other) = (embed("4719028356", 1.0), embed("3801569274", 1.02), embed("4719028356", 1.3));
    assert!(a.cosine(&b) > 0.7, "{}", a.cosine(&b));
    assert!(a.cosine(&other) < 0.6, "{}", a.cosine(&other));
    let silence = Sound::from_samples(vec![0.0; 48_000]).unwrap();
    let speech = analyzer.speech(&silence).unwrap();
    assert_eq!(Quality::of(&silence, &speech), None);
    assert!(analyzer.embed(&silence, &speech).is_err() && analyzer.attend(&silence, &speech).is_err());
}

#[test]
fn features_and_vector_are_the_golden_ones() {
    let Some(data) = std::env::var_os("SMILEPAY_DATA").map(PathBuf::from) else { return };
    let golden = |name: &str| std::fs::read(data.join("../models/golden").join(name)).unwrap();
    let floats = |bytes: Vec<u8>| bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect::<Vec<f32>>();
    let sound = Sound::from_wav(&golden("ls1688_3s.wav")).unwrap();
    let banks = voice::centred_banks(sound.samples());
    let wanted = floats(golden("ls1688_fbank80_cmn_298x80.f32le"));
    assert_eq!(banks.len(), FRAMES * BANDS);
    let worst = banks.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-3, "{worst}");
    let vector = models().analyzer().unwrap().embed_banks(&banks).unwrap();
    let wanted = voice::Embedding::from_raw(&floats(golden("ls1688_campplus_raw_192.f32le"))).unwrap();
    assert!(vector.cosine(&wanted) >= 0.99999, "{}", vector.cosine(&wanted));
    // Whisper's log-mel, first values of band 0 and frames 100 to 104 of band 40.
    let mel = voice::log_mel(sound.samples());
    for (at, value) in [1.09028, 0.96464, 0.80529, 0.90744, 0.76366].into_iter().enumerate() {
        assert!((mel[at] - value).abs() < 1e-4, "{at}: {}", mel[at]);
    }
    for (at, value) in [0.35751, 0.43606, 0.47133, 0.48082].into_iter().enumerate() {
        assert!((mel[40 * 800 + 100 + at] - value).abs() < 1e-4, "{at}");
    }
}
