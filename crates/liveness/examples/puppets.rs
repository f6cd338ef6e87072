//! Plays drawn challenges to the 3-D puppet and to its attacks, through the real networks:
//! `cargo run --release -p liveness --example puppets [-- SEEDS]`. Needs the fetched models and portraits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, clippy::panic)]

use std::sync::Arc;
use std::time::Instant;

use face::{Analyzer, DecodeLimits, ModelPaths, Models, Picture};
use liveness::{
    Abilities, Capture, Challenge, CheckName, EnrolSession, FrameInput, Limits, Prompt, Reading, Session, State,
    fingerprint,
};
use puppet::{Act, Actor, Cast, Look, Onset, Person, Photographs, Puppet, Replay};

const CHECKS: [CheckName; 9] = [
    CheckName::StepsAnswered,
    CheckName::FrameRate,
    CheckName::PoseAnswer,
    CheckName::Depth,
    CheckName::SmileOnset,
    CheckName::Continuity,
    CheckName::Stillness,
    CheckName::Replay,
    CheckName::Jump,
];

fn main() {
    let seeds: u64 = std::env::args().nth(1).map_or(3, |text| text.parse().unwrap());
    let manifest = models::Manifest::embedded().unwrap();
    let cache = models::Cache::default_dir().unwrap();
    let files = cache.model_files(&manifest).expect("run `smilepay models fetch` first");
    let portraits = cache.portrait_files(&manifest).expect("run `smilepay models fetch` first");
    let engine = nn::Engine::load(&files.openvino_dir, nn::EngineOptions::default()).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    let mut analyzer = Models::load(&engine, &paths).unwrap().analyzer().unwrap();
    println!("{:28} {:38} {}", "actor", "state", CHECKS.map(|name| format!("{name:?}")).join(" "));
    for name in ["obama3", "biden", "obama2"] {
        let bytes = std::fs::read(portraits.get(&format!("{name}.jpg")).unwrap()).unwrap();
        let portrait = Picture::decode(&bytes, &DecodeLimits::default()).unwrap();
        let found = analyzer.detect(&portrait).unwrap()[0];
        let mesh = analyzer.mesh(&portrait, &found).unwrap();
        let cast = Arc::new(Cast { puppet: Puppet::new(&portrait, &mesh).unwrap(), look: Look::of_portrait(name) });
        for seed in 1..=seeds {
            play_all(&mut analyzer, name, &cast, seed);
        }
    }
}

fn play_all(analyzer: &mut Analyzer, name: &str, cast: &Arc<Cast>, seed: u64) {
    enrol(analyzer, &format!("{name} {seed} enrols"), &mut Person::new(Arc::clone(cast), seed + 100));
    let mut person = Person::new(Arc::clone(cast), seed);
    let (old, frames) = pay(analyzer, &format!("{name} {seed} live"), &mut person, seed, Vec::new());
    let mut replay = Replay::new(frames).unwrap();
    pay(analyzer, &format!("{name} {seed} replay"), &mut replay, seed + 1, old);
    let mut photographs = Photographs::new(cast, seed);
    pay(analyzer, &format!("{name} {seed} photographs"), &mut photographs, seed, Vec::new());
    let mut cut = Person::with_onset(Arc::clone(cast), seed, Onset::HardCut);
    pay(analyzer, &format!("{name} {seed} hard cut"), &mut cut, seed, Vec::new());
}

fn pay(
    analyzer: &mut Analyzer,
    who: &str,
    actor: &mut dyn Actor,
    seed: u64,
    earlier: Vec<u64>,
) -> (Vec<u64>, Vec<(f64, Vec<u8>)>) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let challenge = Challenge::draw(Abilities::default(), &mut || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    });
    let steps = challenge.steps().to_vec();
    let mut session = Session::new(challenge, Limits::default()).with_earlier(earlier);
    let mut prompt = Prompt::Hold;
    let (mut frames, mut slowest, mut total, mut at_ms) = (Vec::new(), 0f64, 0f64, 0.0);
    let mut progress = session.progress();
    while progress.state == State::Running {
        if progress.prompt != prompt {
            prompt = progress.prompt;
            actor.ask(Act::from_name(prompt.name()).unwrap(), at_ms);
        }
        if let Some(hint) = progress.hint {
            actor.hear(hint.name(), at_ms);
        }
        let jpeg = actor.frame(at_ms).unwrap();
        let picture = Picture::decode(&jpeg, &DecodeLimits::default()).unwrap();
        let faces = analyzer.detect(&picture).unwrap();
        let found = faces.first();
        let wants = session.wants(at_ms, faces.len(), found);
        let happy = found.filter(|_| wants.happy).map(|found| analyzer.happy(&picture, found).unwrap());
        let embedding = found.filter(|_| wants.embedding).map(|f| analyzer.embed(&picture, &f.points).unwrap());
        let quality = found.map(|found| face::quality(&picture, found, None));
        let (luma, scale) = picture.luma_small(640).unwrap();
        let began = Instant::now();
        let fingerprint = fingerprint(&luma);
        progress = session.push(FrameInput {
            at_ms,
            luma: &luma,
            scale,
            faces: faces.len(),
            detection: found,
            happy,
            passive: None,
            colour: None,
            embedding,
            quality: quality.as_ref(),
            fingerprint,
        });
        let took = began.elapsed().as_secs_f64() * 1e3;
        slowest = slowest.max(took);
        total += took;
        frames.push((at_ms, jpeg));
        at_ms += 1000.0 / 15.0;
    }
    let began = Instant::now();
    let Capture { evidence, probe, fingerprints } = session.finish();
    let finish = began.elapsed().as_secs_f64() * 1e3;
    let readings = CHECKS.map(|name| match evidence.reading(name) {
        Some(Reading::Value(value)) => format!("{value:.3}"),
        Some(Reading::NoEvidence(why)) => format!("{why:?}"),
        None => "-".to_owned(),
    });
    let steps: Vec<&str> = steps.iter().map(|step| step.name()).collect();
    println!(
        "{who:28} {:38} {} | {} | probe {} | {:.1} s, ms/frame mean {:.1} max {slowest:.1} finish {finish:.0}",
        format!("{:?}", progress.state),
        readings.join(" "),
        steps.join(" "),
        probe.len(),
        at_ms / 1e3,
        total / frames.len() as f64
    );
    (fingerprints, frames)
}

fn enrol(analyzer: &mut Analyzer, who: &str, actor: &mut dyn Actor) {
    let mut session = EnrolSession::new(Limits::default());
    let mut prompt = Prompt::Hold;
    let mut at_ms = 0.0;
    let mut progress = session.progress();
    let mut rejects = std::collections::BTreeMap::new();
    while progress.progress.state == State::Running {
        if progress.progress.prompt != prompt {
            prompt = progress.progress.prompt;
            actor.ask(Act::from_name(prompt.name()).unwrap(), at_ms);
        }
        let picture = Picture::decode(&actor.frame(at_ms).unwrap(), &DecodeLimits::default()).unwrap();
        let faces = analyzer.detect(&picture).unwrap();
        let found = faces.first();
        let wants = session.wants(at_ms, faces.len(), found);
        let happy = found.filter(|_| wants.happy).map(|found| analyzer.happy(&picture, found).unwrap());
        let embedding = found.filter(|_| wants.embedding).map(|f| analyzer.embed(&picture, &f.points).unwrap());
        let mesh = found.filter(|_| wants.mesh).map(|found| analyzer.mesh(&picture, found).unwrap());
        let quality = found.map(|found| face::quality(&picture, found, mesh.as_ref()));
        let (luma, scale) = picture.luma_small(640).unwrap();
        progress = session.push(FrameInput {
            at_ms,
            luma: &luma,
            scale,
            faces: faces.len(),
            detection: found,
            happy,
            passive: None,
            colour: None,
            embedding,
            quality: quality.as_ref(),
            fingerprint: fingerprint(&luma),
        });
        *rejects.entry(progress.reject.map_or("kept", |reject| reject.name())).or_insert(0) += 1;
        at_ms += 1000.0 / 15.0;
    }
    println!(
        "{who:28} {:?} kept {} of {} in {:.1} s, {rejects:?}",
        progress.progress.state,
        progress.kept,
        progress.of,
        at_ms / 1e3
    );
}
