//! What the real networks see in a puppet: it must pass for a person, or the tests that use it test nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::sync::Arc;

use face::{Analyzer, DecodeLimits, Detection, Embedding, ModelPaths, Models, Picture};
use models::{Cache, Manifest, Portraits, Silent};
use puppet::{Act, Actor, Cast, Flat, Look, Onset, Person, Photographs, Pose, Puppet, Replay, Subject};

/// The payer and the other person of the demo and the browser test.
const PEOPLE: [&str; 2] = ["biden", "obama2"];

struct Kit {
    analyzer: Analyzer,
    portraits: Portraits,
}

fn kit() -> Kit {
    let (manifest, cache) = (Manifest::embedded().unwrap(), Cache::default_dir().unwrap());
    let files = models::fetch(&manifest, &cache, &mut Silent).unwrap();
    let portraits = models::portraits(&manifest, &cache, &mut Silent).unwrap();
    let options = nn::EngineOptions { precision: nn::Precision::F32, ..nn::EngineOptions::default() };
    let engine = nn::Engine::load(&files.openvino_dir, options).unwrap();
    let paths = ModelPaths {
        detector: files.yunet,
        recogniser: files.sface,
        landmarks: files.mesh,
        expression: files.expression,
    };
    Kit { analyzer: Models::load(&engine, &paths).unwrap().analyzer().unwrap(), portraits }
}

impl Kit {
    fn cast(&mut self, name: &str) -> Arc<Cast> {
        let bytes = std::fs::read(self.portraits.get(&format!("{name}.jpg")).unwrap()).unwrap();
        let picture = Picture::decode(&bytes, &DecodeLimits::default()).unwrap();
        let face = self.face(&picture);
        let mesh = self.analyzer.mesh(&picture, &face).unwrap();
        Arc::new(Cast { puppet: Puppet::new(&picture, &mesh).unwrap(), look: Look::of_portrait(name) })
    }

    fn face(&mut self, picture: &Picture) -> Detection {
        self.analyzer.detect(picture).unwrap().remove(0)
    }

    /// The person at this moment, as the server sees them after JPEG.
    fn seen(&mut self, person: &mut dyn Actor, at_ms: f64) -> (Picture, Detection) {
        let picture = Picture::decode(&person.frame(at_ms).unwrap(), &DecodeLimits::default()).unwrap();
        let face = self.face(&picture);
        (picture, face)
    }

    fn nose(&mut self, person: &mut dyn Actor, at_ms: f64) -> f32 {
        self.seen(person, at_ms).1.points.nose_offset()
    }

    fn happy(&mut self, person: &mut dyn Actor, at_ms: f64) -> f32 {
        let (picture, face) = self.seen(person, at_ms);
        self.analyzer.happy(&picture, &face).unwrap()
    }

    fn embedding(&mut self, person: &mut dyn Actor, at_ms: f64) -> Embedding {
        let (picture, face) = self.seen(person, at_ms);
        self.analyzer.embed(&picture, &face.points).unwrap()
    }
}

/// Largest of what is measured over a second.
fn most(from_ms: f64, mut measure: impl FnMut(f64) -> f32) -> f32 {
    (0..15).map(|i| measure(from_ms + f64::from(i) * 66.7)).fold(f32::MIN, f32::max)
}

#[test]
fn a_turn_moves_the_nose_to_its_side_and_far_enough() {
    let mut kit = kit();
    for name in PEOPLE {
        let cast = kit.cast(name);
        for (act, side) in [(Act::TurnLeft, 1.0), (Act::TurnRight, -1.0)] {
            let mut person = Person::new(Arc::clone(&cast), 3);
            let before = kit.nose(&mut person, 0.0);
            assert!(before.abs() < 0.15, "{name} starts frontal: {before}");
            person.ask(act, 0.0);
            let turned = most(1600.0, |t| side * kit.nose(&mut person, t));
            assert!((0.33..0.75).contains(&turned), "{name} {act:?}: {turned}");
        }
    }
}

#[test]
fn a_smile_reads_as_a_smile_and_neutral_does_not() {
    let mut kit = kit();
    for name in PEOPLE {
        let cast = kit.cast(name);
        for seed in 1..=4 {
            let mut person = Person::new(Arc::clone(&cast), seed);
            let neutral = kit.happy(&mut person, 0.0);
            person.ask(Act::Smile, 0.0);
            let smiling = kit.happy(&mut person, 2000.0);
            assert!(neutral < 0.2, "{name} seed {seed} neutral: {neutral}");
            assert!(smiling > 0.8, "{name} seed {seed} smiling: {smiling}");
        }
    }
}

#[test]
fn it_stays_one_person_and_is_not_the_other() {
    let mut kit = kit();
    let [payer, other] = PEOPLE.map(|name| kit.cast(name));
    let reference = kit.embedding(&mut Person::new(Arc::clone(&payer), 1), 0.0);
    for seed in 2..5 {
        let mut person = Person::new(Arc::clone(&payer), seed);
        let same = kit.embedding(&mut person, 0.0).cosine(&reference).value();
        assert!(same >= 0.7, "neutral, seed {seed}: {same}");
        person.ask(Act::Smile, 0.0);
        let smiling = kit.embedding(&mut person, 2000.0).cosine(&reference).value();
        assert!(smiling >= 0.7, "smiling, seed {seed}: {smiling}");
        let stranger = kit.embedding(&mut Person::new(Arc::clone(&other), seed), 0.0).cosine(&reference).value();
        assert!(stranger < 0.4, "the other, seed {seed}: {stranger}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_does_not() {
    let mut kit = kit();
    let cast = kit.cast("biden");
    let frame = |seed| {
        let mut person = Person::new(Arc::clone(&cast), seed);
        person.ask(Act::TurnLeft, 0.0);
        person.frame(1000.0).unwrap()
    };
    assert_eq!(frame(7), frame(7));
    assert_ne!(frame(7), frame(8));
}

#[test]
fn a_photograph_cannot_turn_its_nose() {
    let mut kit = kit();
    let cast = kit.cast("biden");
    let flat = Flat::of(&cast.puppet, 0.0, 0.0);
    for yaw in [-40.0, 40.0] {
        let picture = puppet::picture(flat.draw(&Pose { yaw, ..Pose::default() })).unwrap();
        let offset = kit.face(&picture).points.nose_offset();
        assert!(offset.abs() < 0.25, "tilted by {yaw}: {offset}");
    }
    let mut held = Photographs::new(&cast, 1);
    held.ask(Act::Smile, 0.0);
    assert!(kit.happy(&mut held, 2000.0) > 0.8, "the smiling photograph is up");
}

#[test]
fn a_hard_cut_smiles_from_one_frame_to_the_next() {
    let mut kit = kit();
    let cast = kit.cast("biden");
    let mut person = Person::with_onset(cast, 1, Onset::HardCut);
    person.ask(Act::Smile, 0.0);
    let smiles: Vec<f32> = (0..20).map(|i| person.pose(f64::from(i) * 66.7).smile).collect();
    let between = smiles.iter().filter(|&&s| s != smiles[0] && s != smiles[19]).count();
    assert!(smiles[0] < 0.0 && smiles[19] > 0.5 && between == 0, "{smiles:?}");
}

#[test]
fn a_replay_plays_its_frames_whatever_is_asked() {
    let frames = vec![(100.0, vec![1]), (166.0, vec![2]), (233.0, vec![3])];
    let mut replay = Replay::new(frames).unwrap();
    replay.ask(Act::Smile, 0.0);
    let shown: Vec<u8> = [0.0, 67.0, 132.0, 134.0].map(|t| replay.frame(t).unwrap()[0]).into();
    assert_eq!(shown, [1, 2, 2, 1]);
    assert!(Replay::new(Vec::new()).is_err());
}
