//! How well prompts are told from what else might have been said, on real recordings.
//!
//! `cargo run --release -p evaluate --example prompts -- digits LANGUAGE FOLDER [COUNT]`: strings of six digits spliced from
//! `FOLDER/0.wav` … `FOLDER/9.wav`, each at its own speed (±7 %); right digits, one changed, two swapped, another string.
//! `… -- words FOLDER [COUNT] [OTHERS]`: phrases of four words spliced from `FOLDER/WORD.wav`; right words, one changed, two swapped,
//! another phrase; and random phrases of the list against every `.wav` of the folder `OTHERS` (other speech).
//! `… -- texts LIST`: lines `PATH,TEXT`: the first four words, one of them changed, and the first four words of another line.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an example"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use decide::{PromptMargin, VoicePolicy};
use models::{Cache, Manifest, Silent};
use nn::{Engine, EngineOptions};
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use voice::{Analyzer, Digits, Language, ModelPaths, Models, Phrase, PhrasePaths, Prompt, PromptPaths, Sound};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = |at: usize, otherwise| arguments.get(at).map_or(otherwise, |c| c.parse().unwrap());
    let mut tally = Tally::default();
    match arguments.first().map(String::as_str) {
        Some("digits") => {
            let language = Language::parse(&arguments[1]).expect("a language of the catalogue");
            digits(&mut analyzer(true, false), language, Path::new(&arguments[2]), count(3, 100), &mut tally);
        }
        Some("words") => {
            let mut analyzer = analyzer(false, true);
            words(&mut analyzer, Path::new(&arguments[1]), count(2, 100), &mut tally);
            if let Some(folder) = arguments.get(3) {
                others(&mut analyzer, Path::new(folder), &mut tally);
            }
        }
        Some("texts") => texts(&mut analyzer(false, true), Path::new(&arguments[1]), &mut tally),
        _ => println!("prompts digits LANGUAGE FOLDER [COUNT] | words FOLDER [COUNT] [OTHERS] | texts LIST"),
    }
    tally.print();
}

fn analyzer(world: bool, phrase: bool) -> Analyzer {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let core = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let files = models::voice(&manifest, &cache, &mut Silent).unwrap();
    let world = world.then(|| models::voice_world(&manifest, &cache, &mut Silent).unwrap());
    let phrase = phrase.then(|| models::voice_phrase(&manifest, &cache, &mut Silent).unwrap());
    let engine = Engine::load(&core.openvino_dir, EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        speaker: files.speaker,
        speech: files.speech,
        prompt: PromptPaths { encoder: files.prompt_encoder, decoder: files.prompt_decoder },
        world: world.map(|w| PromptPaths { encoder: w.encoder, decoder: w.decoder }),
        phrase: phrase.map(|p| PhrasePaths { decoder: p.decoder, tokenizer: p.tokenizer }),
        living: None,
    };
    Models::load(&engine, &paths).unwrap().analyzer().unwrap()
}

/// Margins by kind.
#[derive(Default)]
struct Tally(BTreeMap<&'static str, Vec<PromptMargin>>);

impl Tally {
    fn print(&self) {
        let policy = VoicePolicy::default();
        for (kind, margins) in &self.0 {
            let mut values: Vec<f32> = margins
                .iter()
                .map(|m| match m {
                    PromptMargin::Digits(v) | PromptMargin::Words(v) => *v,
                })
                .collect();
            values.sort_by(f32::total_cmp);
            let at = |share: f32| values[((values.len() - 1) as f32 * share) as usize];
            let accepted = margins.iter().filter(|m| policy.accepts_prompt(**m)).count();
            println!(
                "{kind:<14} n {:>4}  accepted {accepted:>4} ({:.1} %)  lowest {:.2}  5 % {:.2}  median {:.2}  highest {:.2}",
                values.len(),
                100.0 * accepted as f64 / values.len() as f64,
                at(0.0),
                at(0.05),
                at(0.5),
                at(1.0)
            );
        }
    }

    fn add(&mut self, analyzer: &mut Analyzer, sound: &Sound, asked: &[(&'static str, Prompt)]) {
        let speech = analyzer.speech(sound).unwrap();
        let Some((_, first)) = asked.first() else { return };
        let Ok(attended) = analyzer.attend(sound, &speech, first) else { return };
        for (kind, prompt) in asked {
            let margin = analyzer.score(&attended, prompt).unwrap().margin;
            let margin = if matches!(prompt, Prompt::Digits(..)) {
                PromptMargin::Digits(margin)
            } else {
                PromptMargin::Words(margin)
            };
            self.0.entry(kind).or_default().push(margin);
        }
    }
}

fn digits(analyzer: &mut Analyzer, language: Language, folder: &Path, count: usize, tally: &mut Tally) {
    let takes: Vec<Vec<f32>> = (0..10).map(|d| take(&folder.join(format!("{d}.wav")))).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_124);
    for _ in 0..count {
        let said = Digits::draw(&mut || rng.next_u32());
        let sound = splice(said.each().iter().map(|d| takes[usize::from(*d)].as_slice()), &mut rng);
        let mut changed = *said.each();
        let at = rng.random_range(0..6);
        changed[at] = (changed[at] + rng.random_range(1..10)) % 10;
        let mut swapped = *said.each();
        swapped.swap(at.min(4), at.min(4) + 1);
        let another = Digits::draw(&mut || rng.next_u32());
        let wrong = [
            ("one changed", Digits::new(changed).unwrap()),
            ("two swapped", Digits::new(swapped).unwrap()),
            ("another", another),
        ];
        let mut asked = vec![("right", Prompt::Digits(said, language))];
        asked.extend(wrong.into_iter().filter(|(_, d)| *d != said).map(|(k, d)| (k, Prompt::Digits(d, language))));
        tally.add(analyzer, &sound, &asked);
    }
}

fn words(analyzer: &mut Analyzer, folder: &Path, count: usize, tally: &mut Tally) {
    let mut takes: Vec<(String, Vec<f32>)> = Vec::new();
    for path in waves(folder) {
        takes.push((path.file_stem().unwrap().to_string_lossy().into_owned(), take(&path)));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_124);
    for _ in 0..count {
        let mut picked: Vec<usize> = Vec::new();
        while picked.len() < 9 {
            let next = rng.random_range(0..takes.len());
            if !picked.contains(&next) {
                picked.push(next);
            }
        }
        let sound = splice(picked[..4].iter().map(|p| takes[*p].1.as_slice()), &mut rng);
        let phrase = |places: &[usize]| {
            let text: Vec<&str> = places.iter().map(|p| takes[*p].0.as_str()).collect();
            Prompt::Phrase(Phrase::parse(&text.join(" ")).unwrap())
        };
        let mut changed = picked[..4].to_vec();
        changed[rng.random_range(0..4)] = picked[8];
        let mut swapped = picked[..4].to_vec();
        let at = rng.random_range(0..3);
        swapped.swap(at, at + 1);
        let asked = [
            ("right", phrase(&picked[..4])),
            ("one changed", phrase(&changed)),
            ("two swapped", phrase(&swapped)),
            ("another", phrase(&picked[4..8])),
        ];
        tally.add(analyzer, &sound, &asked);
    }
}

fn others(analyzer: &mut Analyzer, folder: &Path, tally: &mut Tally) {
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_125);
    for path in waves(folder) {
        let sound = Sound::from_wav(&std::fs::read(path).unwrap()).unwrap();
        let phrase = Prompt::Phrase(Phrase::draw(&mut || rng.next_u32()));
        tally.add(analyzer, &sound, &[("other speech", phrase)]);
    }
}

fn texts(analyzer: &mut Analyzer, list: &Path, tally: &mut Tally) {
    let text = std::fs::read_to_string(list).unwrap();
    let lines: Vec<(&str, Vec<String>)> = text
        .lines()
        .filter_map(|l| l.split_once(','))
        .filter_map(|(path, text)| {
            Some((path, Phrase::parse(&text.split_whitespace().take(4).collect::<Vec<_>>().join(" "))?))
        })
        .map(|(path, phrase)| (path, phrase.words().to_vec()))
        .filter(|(_, words)| words.len() == 4)
        .collect();
    let phrase = |words: &[String]| Prompt::Phrase(Phrase::parse(&words.join(" ")).unwrap());
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_126);
    for (at, (path, words)) in lines.iter().enumerate() {
        let sound = Sound::from_wav(&std::fs::read(list.parent().unwrap().join(path)).unwrap()).unwrap();
        let other = &lines[(at + 1 + rng.random_range(0..lines.len() - 1)) % lines.len()].1;
        let mut changed = words.clone();
        changed[rng.random_range(0..4)].clone_from(&Phrase::draw(&mut || rng.next_u32()).words()[0]);
        let asked = [("right", phrase(words)), ("one changed", phrase(&changed)), ("another", phrase(other))];
        tally.add(analyzer, &sound, &asked);
    }
}

fn waves(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "wav"));
    paths.sort();
    paths
}

/// A recording without the silence around it.
fn take(path: &Path) -> Vec<f32> {
    let sound = Sound::from_wav(&std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap();
    let loud = sound.loudness();
    let least = loud.iter().copied().fold(f32::MIN, f32::max) - 30.0;
    let (first, last) = (loud.iter().position(|l| *l > least).unwrap(), loud.iter().rposition(|l| *l > least).unwrap());
    sound.part(first.saturating_sub(1) * 320, (last + 2) * 320).samples().to_vec()
}

/// Takes one after another with pauses, each at its own speed and loudness, over a quiet room's noise.
fn splice<'t>(takes: impl Iterator<Item = &'t [f32]>, rng: &mut ChaCha8Rng) -> Sound {
    let mut samples = vec![0.0; 4_800];
    for take in takes {
        let (speed, loud) = (rng.random_range(0.93_f32..1.07), rng.random_range(0.35_f32..0.5));
        let peak = take.iter().fold(1e-6_f32, |p, s| p.max(s.abs()));
        let length = (take.len() as f32 / speed) as usize;
        samples.extend((0..length).map(|n| {
            let place = n as f32 * speed;
            let (at, share) = (place as usize, place.fract());
            let value = |i: usize| take.get(i).copied().unwrap_or(0.0);
            (value(at) * (1.0 - share) + value(at + 1) * share) * loud / peak
        }));
        samples.resize(samples.len() + rng.random_range(1_600..2_900), 0.0);
    }
    samples.resize(samples.len() + 4_800, 0.0);
    samples.iter_mut().for_each(|s| *s += 1e-3 * (rng.random::<f32>() * 2.0 - 1.0));
    Sound::from_samples(samples).unwrap()
}
