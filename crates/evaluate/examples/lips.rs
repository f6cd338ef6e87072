//! Do lips that move with the sound agree with it, and others not?
//!
//! `cargo run --release -p evaluate --example lips -- DIGITS [COUNT]`: strings of six spoken digits of `DIGITS` (`DIGIT_SPEAKER_TAKE.wav`),
//! and the rendered puppet whose mouth opens with the loudness of the sound, late by up to 60 ms, each digit by another amount,
//! with the head's tremble, at 15 pictures a second, looked at by the real networks. The same mouth against the sound shifted by 0.4 to
//! 1.5 s, against another string of the same speaker, and a mouth that stays shut. A driven mouth follows the sound better than a
//! person's does, so the figures for agreeing lips are the best case.

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

use face::{Analyzer, DecodeLimits, ModelPaths, Models, Picture};
use liveness::{Moment, lips_with_sound};
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions};
use puppet::{Look, Pose, Puppet, Subject};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use voice::Sound;

const PICTURE_MS: f64 = 1_000.0 / 15.0;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder of spoken digits");
    let count: usize = arguments.next().map_or(30, |c| c.parse().unwrap());
    let (mut analyzer, puppet, look) = cast();
    let takes = takes(Path::new(&folder));
    let speakers: Vec<&String> = takes.keys().collect();
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_124);
    let mut readings: BTreeMap<&str, Vec<Option<f32>>> = BTreeMap::new();
    for n in 0..count {
        let own = &takes[speakers[n % speakers.len()]];
        let (sound, other) = (string(own, &mut rng), string(own, &mut rng));
        let mouth = film(&mut analyzer, &puppet, look, &sound, &mut rng);
        let still = if n % 3 == 0 { Some(film(&mut analyzer, &puppet, look, &[], &mut rng)) } else { None };
        let mut add = |kind, value| readings.entry(kind).or_default().push(value);
        add("together", lips_with_sound(&mouth, &sound));
        for late in [400.0, 700.0, 1_000.0, 1_500.0] {
            let shifted: Vec<Moment> = sound.iter().map(|(at, db)| (at + late, *db)).collect();
            add("shifted", lips_with_sound(&mouth, &shifted));
        }
        add("another string", lips_with_sound(&mouth, &other));
        if let Some(still) = still {
            add("still mouth", lips_with_sound(&still, &sound));
        }
    }
    let from = decide::VoicePolicy::default().lips_from;
    for (kind, values) in readings {
        let mut measured: Vec<f32> = values.iter().flatten().copied().collect();
        measured.sort_by(f32::total_cmp);
        let at = |share: f32| {
            measured.get(((measured.len().max(1) - 1) as f32 * share) as usize).copied().unwrap_or(f32::NAN)
        };
        let passed = measured.iter().filter(|v| **v >= from).count();
        println!(
            "{kind:<15} n {:>3}  unmeasured {:>2}  passed {passed:>3}  lowest {:.2}  5 % {:.2}  median {:.2}  95 % {:.2}  highest {:.2}",
            values.len(),
            values.len() - measured.len(),
            at(0.0),
            at(0.05),
            at(0.5),
            at(0.95),
            at(1.0)
        );
    }
}

fn cast() -> (Analyzer, Puppet, Look) {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let engine = Engine::load(&files.openvino_dir, EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    let mut analyzer = Models::load(&engine, &paths).unwrap().analyzer().unwrap();
    let bytes = std::fs::read(portraits.get("obama2.jpg").unwrap()).unwrap();
    let portrait = Picture::decode(&bytes, &DecodeLimits::default()).unwrap();
    let face = analyzer.detect(&portrait).unwrap()[0];
    let mesh = analyzer.mesh(&portrait, &face).unwrap();
    (analyzer, Puppet::new(&portrait, &mesh).unwrap(), Look::of_portrait("obama2"))
}

type Takes = BTreeMap<String, Vec<Vec<Vec<f32>>>>;

fn takes(folder: &Path) -> Takes {
    let mut all: Takes = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let parts: Vec<&str> = name.split('_').collect();
        let (Ok(digit), Some(speaker)) = (parts[0].parse::<usize>(), parts.get(1)) else { continue };
        let sound = Sound::from_wav(&std::fs::read(&path).unwrap()).unwrap();
        all.entry((*speaker).to_owned()).or_insert_with(|| vec![Vec::new(); 10])[digit].push(sound.samples().to_vec());
    }
    all
}

/// The loudness of six digits with pauses.
fn string(takes: &[Vec<Vec<f32>>], rng: &mut ChaCha8Rng) -> Vec<Moment> {
    let mut samples = vec![0.0_f32; 8_000];
    for _ in 0..6 {
        let list = &takes[rng.random_range(0..10)];
        let take = &list[rng.random_range(0..list.len())];
        let peak = take.iter().fold(1e-6_f32, |p, s| p.max(s.abs()));
        samples.extend(take.iter().map(|s| s / peak * 0.4));
        samples.resize(samples.len() + rng.random_range(1_600..4_000), 0.0);
    }
    samples.resize(samples.len() + 8_000, 0.0);
    samples.iter_mut().for_each(|s| *s += 1e-3 * (rng.random::<f32>() * 2.0 - 1.0));
    let loudness = Sound::from_samples(samples).unwrap().loudness();
    loudness.iter().enumerate().map(|(n, db)| (n as f64 * 20.0 + 10.0, *db)).collect()
}

/// How far the networks see the mouth open while the puppet says `sound`; silent and four seconds long without one.
fn film(analyzer: &mut Analyzer, puppet: &Puppet, look: Look, sound: &[Moment], rng: &mut ChaCha8Rng) -> Vec<Moment> {
    let loudest = sound.iter().map(|s| s.1).fold(f32::MIN, f32::max);
    let ends = sound.last().map_or(4_000.0, |s| s.0);
    let late = rng.random_range(0.0..60.0);
    let mut moments = Vec::new();
    let (mut open, mut amount) = (0.0_f32, 0.12_f32);
    let mut at = 0.0;
    while at < ends {
        let near = sound.iter().filter(|s| (s.0 - (at - late)).abs() < 50.0);
        let loud = near.map(|s| ((s.1 - loudest + 30.0) / 30.0).clamp(0.0, 1.0)).fold(0.0, f32::max);
        if loud == 0.0 {
            amount = rng.random_range(0.07..0.16);
        }
        // Lips have mass.
        open += (loud * amount - open) * 0.6;
        let mut shake = || rng.random_range(-0.5_f32..0.5);
        let pose = Pose {
            smile: look.neutral,
            shut: look.shut,
            mouth: open,
            yaw: shake(),
            pitch: shake(),
            tx: shake(),
            ty: shake(),
            ..Pose::default()
        };
        let frame = puppet.draw(&pose);
        let picture = Picture::from_rgb(frame.width(), frame.height(), frame.into_raw()).unwrap();
        if let Some(face) = analyzer.detect(&picture).unwrap().first() {
            let mesh = analyzer.mesh(&picture, face).unwrap();
            moments.push((at, mesh.mouth_openness().unwrap()));
        }
        at += PICTURE_MS + rng.random_range(-8.0..8.0);
    }
    moments
}
