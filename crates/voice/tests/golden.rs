//! The networks as converted, on real weights: against what the numpy reference gave for a sound that can be made anywhere, and,
//! where `SMILEPAY_DATA` is set, against the golden vectors beside it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions, Precision};
use voice::{BANDS, Digits, FRAMES, ModelPaths, Models, Phrase, PhrasePaths, Prompt, PromptPaths, Quality, Sound};

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
        prompt: PromptPaths { encoder: files.prompt_encoder, decoder: files.prompt_decoder },
        world: None,
        phrase: None,
        living: None,
    };
    Models::load(&engine, &paths).unwrap()
}

fn asked(digits: &str) -> Prompt {
    Prompt::english(Digits::parse(digits).unwrap())
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
        let attended = analyzer.attend(&sound, &speech, &asked(said)).unwrap();
        let mut margin = |digits: &str| analyzer.score(&attended, &asked(digits)).unwrap().margin;
        assert!(margin(said) > 0.0, "{said}: {}", margin(said));
        for other in ["472902", "417902", "000000", "380157", "596237"] {
            assert!(margin(other) < -0.5, "{said} against {other}: {}", margin(other));
        }
    }
}

/// In the engine's own number format, as a server runs it.
#[test]
fn words_said_fit_and_others_do_not() {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let core = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let files = models::voice(&manifest, &cache, &mut Silent).unwrap();
    let phrase = models::voice_phrase(&manifest, &cache, &mut Silent).unwrap();
    let paths = ModelPaths {
        speaker: files.speaker,
        speech: files.speech,
        prompt: PromptPaths { encoder: files.prompt_encoder, decoder: files.prompt_decoder },
        world: None,
        phrase: Some(PhrasePaths { decoder: phrase.decoder, tokenizer: phrase.tokenizer }),
        living: None,
    };
    let engine = Engine::load(&core.openvino_dir, EngineOptions::default()).unwrap();
    let mut analyzer = Models::load(&engine, &paths).unwrap().analyzer().unwrap();
    for (said, right, others) in [
        ("4719", "four seven one nine", ["four seven two nine", "seven four one nine", "apple river canvas nine"]),
        (
            "3802",
            "three eight zero two",
            ["three eight zero one", "eight three zero two", "garden winter school lemon"],
        ),
    ] {
        let sound = spoken(said, 1.0);
        let speech = analyzer.speech(&sound).unwrap();
        let asked = |text: &str| Prompt::Phrase(Phrase::parse(text).unwrap());
        let attended = analyzer.attend(&sound, &speech, &asked(right)).unwrap();
        let mut margin = |text: &str| analyzer.score(&attended, &asked(text)).unwrap().margin;
        assert!(margin(right) > -4.0, "{said}: {}", margin(right));
        for other in others {
            assert!(margin(other) < margin(right) - 3.0, "{said} against {other}: {}", margin(other));
        }
        let digits = Prompt::Digits(Digits::parse("471902").unwrap(), voice::Language::parse("zh").unwrap());
        assert!(analyzer.score(&attended, &digits).is_err(), "another network's prompt");
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
    assert!(
        analyzer.embed(&silence, &speech).is_err() && analyzer.attend(&silence, &speech, &asked("123456")).is_err()
    );
}

/// Whisper base as converted against CTranslate2 4.8.5 (float32) on the same 8 s of mel: log probabilities of " 0" to " 9", 零 to 九
/// and the end after the beginning of an English and of a Chinese transcript.
#[test]
fn the_multilingual_network_says_what_its_source_says() {
    const ENGLISH: [f32; 21] = [
        -4.294, -3.181, -1.699, -1.554, -2.369, -1.844, -3.059, -4.002, -5.011, -2.485, -5.443, -10.824, -9.793,
        -7.762, -6.664, -7.835, -8.525, -11.291, -10.855, -10.409, -1.988,
    ];
    const CHINESE: [f32; 21] = [
        -7.478, -9.097, -7.75, -6.773, -7.062, -6.629, -7.572, -9.211, -8.449, -6.469, -1.017, -2.747, -4.581, -3.117,
        -2.387, -3.744, -5.441, -7.042, -7.06, -6.454, -0.942,
    ];
    const N: usize = 32;
    let Some(data) = std::env::var_os("SMILEPAY_DATA").map(PathBuf::from) else { return };
    let sound = Sound::from_wav(&std::fs::read(data.join("../models/golden/ls1688_3s.wav")).unwrap()).unwrap();
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let core = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let files = models::voice_world(&manifest, &cache, &mut Silent).unwrap();
    let options = EngineOptions { precision: Precision::F32, ..EngineOptions::default() };
    let engine = Engine::load(&core.openvino_dir, options).unwrap();
    let encoder = engine.compile_named(&files.encoder, &[("mel", &[1, 80, 800])], &["cross"]).unwrap();
    let inputs: [(&str, &[usize]); 4] =
        [("ids", &[N]), ("positions", &[N]), ("mask", &[N, N]), ("cross", &[12, 400, 512])];
    let decoder = engine.compile_named(&files.decoder, &inputs, &["logits"]).unwrap();
    let (mut encoder, mut decoder) = (encoder.session().unwrap(), decoder.session().unwrap());
    let mel = voice::log_mel(sound.samples());
    let cross =
        encoder.run(|input| input.copy_from_slice(&mel)).unwrap().named("cross", 12 * 400 * 512).unwrap().to_vec();
    for (language, wanted) in [(0.0, ENGLISH), (1.0, CHINESE)] {
        let (mut ids, mut positions, mut mask) = (vec![0.0_f32; N], vec![0.0_f32; N], vec![-1e9_f32; N * N]);
        for (at, id) in [21.0, 25.0 + language, 22.0, 23.0].into_iter().enumerate() {
            (ids[at], positions[at]) = (id, at as f32);
            mask[at * N..at * N + at + 1].fill(0.0);
        }
        (4..N).for_each(|at| mask[at * N + at] = 0.0);
        for (name, values) in [("ids", &ids), ("positions", &positions), ("mask", &mask), ("cross", &cross)] {
            decoder.input_named(name).unwrap().copy_from_slice(values);
        }
        let logits = decoder.run_filled().unwrap().named("logits", N * 21).unwrap()[3 * 21..4 * 21].to_vec();
        let most = logits.iter().copied().fold(f32::MIN, f32::max);
        let all = most + logits.iter().map(|v| (v - most).exp()).sum::<f32>().ln();
        for (answer, (value, wanted)) in logits.iter().map(|v| v - all).zip(wanted).enumerate() {
            assert!((value - wanted).abs() < 2e-3, "language {language}, answer {answer}: {value} and not {wanted}");
        }
    }
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
