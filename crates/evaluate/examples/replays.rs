//! Are sounds that were heard before recognised, and new ones of the same person not?
//!
//! `cargo run --release -p evaluate --example replays -- DATA [REENCODED]`: every clip of `DATA/voice/librispeech` against
//! itself as it is, quieter and cut elsewhere, through a telephone (8 kHz, 8-bit µ-law), with noise 20 dB below, in another order, and as a file of the
//! same name in `REENCODED` (made by any codec); and against the other clips of its speaker. And six digits of each speaker of
//! `DATA/voice/digits` after an enrolment of 36: spoken anew, and put together from the enrolled recordings.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing, reason = "an example")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use decide::VoicePolicy;
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use voice::{Analyzer, ModelPaths, Models, PromptPaths, Sound, fingerprint};

fn analyzer() -> Analyzer {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let core = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let files = models::voice(&manifest, &cache, &mut Silent).unwrap();
    let engine = Engine::load(&core.openvino_dir, EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        speaker: files.speaker,
        speech: files.speech,
        prompt: PromptPaths { encoder: files.prompt_encoder, decoder: files.prompt_decoder },
        world: None,
        phrase: None,
        living: None,
    };
    Models::load(&engine, &paths).unwrap().analyzer().unwrap()
}

fn words(analyzer: &mut Analyzer, samples: Vec<f32>) -> Vec<u32> {
    let sound = Sound::from_samples(samples).unwrap();
    let speech = analyzer.speech(&sound).unwrap();
    fingerprint::words(&sound, &speech)
}

/// 8 kHz, 8-bit µ-law and back.
fn telephone(samples: &[f32]) -> Vec<f32> {
    let coded = |s: f32| {
        let level = (1.0 + 255.0 * s.abs().min(1.0)).ln() / 256.0_f32.ln();
        let kept = (level * 127.0).round() / 127.0;
        ((256.0_f32.powf(kept) - 1.0) / 255.0).copysign(s)
    };
    let half: Vec<f32> = samples.chunks_exact(2).map(|pair| coded((pair[0] + pair[1]) / 2.0)).collect();
    half.windows(2).flat_map(|pair| [pair[0], (pair[0] + pair[1]) / 2.0]).collect()
}

fn noisy(samples: &[f32], rng: &mut ChaCha8Rng) -> Vec<f32> {
    let power = samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32;
    let peak = (power * 0.01 * 3.0).sqrt();
    samples.iter().map(|s| s + peak * (rng.random::<f32>() * 2.0 - 1.0)).collect()
}

fn reordered(samples: &[f32]) -> Vec<f32> {
    let third = samples.len() / 3;
    [&samples[2 * third..], &samples[..third], &samples[third..2 * third]].concat()
}

fn wavs(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path()).collect();
    all.retain(|p| p.extension().is_some_and(|e| e == "wav"));
    all.sort();
    all
}

fn read(path: &Path) -> Vec<f32> {
    Sound::from_wav(&std::fs::read(path).unwrap()).unwrap().samples().to_vec()
}

/// Digits one after the other, in a quiet room.
fn utter(takes: &[&Vec<f32>], rng: &mut ChaCha8Rng) -> Vec<f32> {
    let mut samples = vec![0.0; 8_000];
    for take in takes {
        samples.extend(take.iter().map(|s| s * 0.5));
        samples.extend(vec![0.0; rng.random_range(1_600..2_900)]);
    }
    samples.extend(vec![0.0; 8_000]);
    samples.iter().map(|s| s + 0.001 * (rng.random::<f32>() * 2.0 - 1.0)).collect()
}

/// Takes 0..6 of each digit are enrolled or stolen, takes 6..12 are spoken at the payment.
fn digits(data: &Path, analyzer: &mut Analyzer, rng: &mut ChaCha8Rng, shares: &mut BTreeMap<&'static str, Vec<f32>>) {
    for who in ["george", "jackson", "lucas"] {
        let take = |d: usize, t: usize| read(&data.join(format!("voice/digits/{d}_{who}_{t}.wav")));
        let takes: Vec<Vec<Vec<f32>>> = (0..10).map(|d| (0..12).map(|t| take(d, t)).collect()).collect();
        for _ in 0..20 {
            let mut used = [0; 10];
            let enrolled: Vec<Vec<u32>> = (0..3)
                .map(|_| {
                    let said: Vec<&Vec<f32>> = (0..12)
                        .map(|at| {
                            used[at % 10] = rng.random_range(0..6);
                            &takes[at % 10][used[at % 10]]
                        })
                        .collect();
                    let samples = utter(&said, rng);
                    words(analyzer, samples)
                })
                .collect();
            let asked: Vec<usize> = (0..6).map(|_| rng.random_range(0..10)).collect();
            let anew: Vec<&Vec<f32>> = asked.iter().map(|d| &takes[*d][rng.random_range(6..12)]).collect();
            let stolen: Vec<&Vec<f32>> = asked.iter().map(|d| &takes[*d][used[*d]]).collect();
            let (anew, stolen) = (utter(&anew, rng), utter(&stolen, rng));
            for (kind, samples) in [
                ("digits spoken anew", anew),
                ("digits put together", stolen.clone()),
                ("… by telephone", telephone(&stolen)),
                ("… noise 20 dB", noisy(&stolen, rng)),
            ] {
                let now = words(analyzer, samples);
                let share = fingerprint::share_heard_before(&now, enrolled.iter().map(Vec::as_slice));
                shares.entry(kind).or_default().push(share);
            }
        }
    }
}

fn main() {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let data = args.next().unwrap();
    let reencoded = args.next();
    let policy = VoicePolicy::default();
    let mut analyzer = analyzer();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut shares: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    let mut by_speaker: BTreeMap<String, Vec<Vec<u32>>> = BTreeMap::new();
    for path in wavs(&data.join("voice/librispeech")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let samples = read(&path);
        let first = words(&mut analyzer, samples.clone());
        let quiet = samples.iter().skip(593).map(|s| s * 0.3).collect();
        let mut again = vec![
            ("identical", samples.clone()),
            ("quieter, cut elsewhere", quiet),
            ("telephone", telephone(&samples)),
            ("noise 20 dB", noisy(&samples, &mut rng)),
            ("thirds in another order", reordered(&samples)),
        ];
        if let Some(folder) = &reencoded {
            again.push(("re-encoded", read(&folder.join(&name))));
        }
        for (kind, samples) in again {
            let now = words(&mut analyzer, samples);
            shares.entry(kind).or_default().push(fingerprint::share_heard_before(&now, [first.as_slice()]));
        }
        by_speaker.entry(name.split('-').next().unwrap().to_owned()).or_default().push(first);
    }
    for clips in by_speaker.values() {
        for (at, now) in clips.iter().enumerate() {
            let others: Vec<&[u32]> =
                clips.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, c)| c.as_slice()).collect();
            if !others.is_empty() {
                shares.entry("new (same speaker)").or_default().push(fingerprint::share_heard_before(now, others));
            }
        }
    }
    digits(&data, &mut analyzer, &mut rng, &mut shares);
    for (kind, mut all) in shares {
        all.sort_by(f32::total_cmp);
        let refused = all.iter().filter(|s| policy.is_replay(**s)).count();
        println!(
            "{kind:<24} {refused:>4} of {:>4} called a replay; share {:.2} … {:.2} (median {:.2})",
            all.len(),
            all[0],
            all[all.len() - 1],
            all[all.len() / 2]
        );
    }
}
