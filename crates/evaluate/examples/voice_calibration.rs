//! Does one threshold mean the same for short, noisy and telephone speech? One constant against the rule of `decide::VoicePolicy`.
//!
//! `cargo run --release -p evaluate --example voice_calibration -- DATA`: templates of three clips of each LibriSpeech reader who has
//! more; every other clip of every reader as the probe, cut to 1.2, 2 and 3 s of speech, as it is, through a telephone (8 kHz, 8-bit
//! µ-law) and with noise 10 dB below. False match and non-match rates at the constant and at the rule, and where 1 % of the
//! impostors of one half of the readers would lie, tried on the other half.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an example"
)]

use std::collections::BTreeMap;
use std::path::Path;

use decide::{SoundQuality, VoicePolicy};
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use voice::{Analyzer, Embedding, ModelPaths, Models, PromptPaths, Quality, Sound};

/// Score, whether it is the same reader, the half that the reader of the probe is in, the rule's threshold.
struct Trial {
    score: f32,
    genuine: bool,
    half: bool,
    rule: f32,
}

fn main() {
    let data = std::env::args().nth(1).expect("the folder that holds voice/librispeech");
    let mut analyzer = analyzer();
    let mut readers: BTreeMap<String, Vec<Vec<f32>>> = BTreeMap::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(Path::new(&data).join("voice/librispeech")).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let reader = path.file_stem().unwrap().to_string_lossy().split('-').next().unwrap().to_owned();
        let sound = Sound::from_wav(&std::fs::read(path).unwrap()).unwrap();
        readers.entry(reader).or_default().push(sound.samples().to_vec());
    }
    let mut templates = Vec::new();
    for (reader, clips) in readers.iter().filter(|(_, clips)| clips.len() > 3) {
        let each: Vec<Embedding> = clips[..3].iter().map(|c| measure(&mut analyzer, c.clone()).unwrap().0).collect();
        templates.push((reader.as_str(), Embedding::mean(&each).unwrap()));
    }
    println!("{} templates, {} readers", templates.len(), readers.len());
    let policy = VoicePolicy::default();
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_124);
    for (channel, through) in [("clean", 0), ("telephone", 1), ("noise 10 dB", 2)] {
        for seconds in [1.2_f32, 2.0, 3.0] {
            let mut trials = Vec::new();
            for (at, (reader, clips)) in readers.iter().enumerate() {
                let own = templates.iter().any(|(r, _)| r == reader);
                for clip in clips.iter().skip(if own { 3 } else { 0 }) {
                    let cut = cut(&mut analyzer, clip, seconds);
                    let heard = match through {
                        1 => telephone(&cut),
                        2 => noisy(&cut, &mut rng),
                        _ => cut,
                    };
                    let Some((probe, quality)) = measure(&mut analyzer, heard) else { continue };
                    let rule = policy.threshold(3, &quality);
                    trials.extend(templates.iter().map(|(r, template)| Trial {
                        score: template.cosine(&probe),
                        genuine: r == reader,
                        half: at % 2 == 0,
                        rule,
                    }));
                }
            }
            row(channel, seconds, &trials, policy.clean);
        }
    }
}

fn row(channel: &str, seconds: f32, trials: &[Trial], constant: f32) {
    let count = |genuine: bool, test: &dyn Fn(&Trial) -> bool| {
        let all: Vec<&Trial> = trials.iter().filter(|t| t.genuine == genuine).collect();
        format!("{:>3}/{:<4}", all.iter().filter(|t| test(t)).count(), all.len())
    };
    // Fitted on one half, tried on the other, both ways.
    let fitted = |half: bool| {
        let mut scores: Vec<f32> = trials.iter().filter(|t| !t.genuine && t.half == half).map(|t| t.score).collect();
        scores.sort_by(f32::total_cmp);
        scores[scores.len() - 1 - scores.len() / 100]
    };
    let (even, odd) = (fitted(true), fitted(false));
    let other = |t: &Trial| t.score > if t.half { odd } else { even };
    let rules: Vec<f32> = trials.iter().map(|t| t.rule).collect();
    println!(
        "{channel:<12} {seconds:.1} s  at {constant:.2}: false matches {} misses {}  at the rule ({:.2}): {} {}  1 % of the other half ({:.2} {:.2}): {} {}",
        count(false, &|t| t.score >= constant),
        count(true, &|t| t.score < constant),
        rules.iter().sum::<f32>() / rules.len().max(1) as f32,
        count(false, &|t| t.score >= t.rule),
        count(true, &|t| t.score < t.rule),
        even,
        odd,
        count(false, &other),
        count(true, &|t| !other(t)),
    );
}

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

fn measure(analyzer: &mut Analyzer, samples: Vec<f32>) -> Option<(Embedding, SoundQuality)> {
    let sound = Sound::from_samples(samples).unwrap();
    let speech = analyzer.speech(&sound).unwrap();
    let q = Quality::of(&sound, &speech)?;
    let quality = SoundQuality {
        speech_seconds: q.speech_seconds,
        level_db: q.level_db,
        clipped: q.clipped,
        snr_db: q.snr_db,
        high_band_db: q.high_band_db,
        began_at: q.began_at,
    };
    Some((analyzer.embed(&sound, &speech).ok()?, quality))
}

/// From a little before the speech on, so many seconds.
fn cut(analyzer: &mut Analyzer, samples: &[f32], seconds: f32) -> Vec<f32> {
    let sound = Sound::from_samples(samples.to_vec()).unwrap();
    let from = analyzer.speech(&sound).unwrap().span().map_or(0, |s| s.start);
    sound.part(from, from + (seconds * 16_000.0) as usize).samples().to_vec()
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
    let peak = (power * 0.1 * 3.0).sqrt();
    samples.iter().map(|s| s + peak * (rng.random::<f32>() * 2.0 - 1.0)).collect()
}
