//! Glasses and masks, drawn on a puppet's portrait, through the real networks: glasses get through, a mask is asked again and
//! is never called an attack.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::sync::Arc;

use decide::{ChallengeKind, LivenessPolicy, Verdict};
use face::{Analyzer, DecodeLimits, Mesh, ModelPaths, Models, Picture};
use liveness::{Challenge, CheckName, FrameInput, Hint, Limits, Reading, Session, State, Step, fingerprint};
use models::{Cache, Manifest, Silent};
use puppet::{Act, Actor as _, Cast, Look, Person, Puppet};

const NAME: &str = "obama3";

/// Mesh points: outer and inner corners of both eyes; nose bridge; cheeks, chin and jaw around a mask.
const EYES: [[usize; 2]; 2] = [[33, 133], [362, 263]];
const BRIDGE: usize = 168;
const MASK: [usize; 13] = [6, 197, 117, 93, 58, 172, 136, 152, 365, 397, 288, 323, 346];

fn engine() -> (Analyzer, Picture) {
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
    let analyzer = Models::load(&engine, &paths).unwrap().analyzer().unwrap();
    let bytes = std::fs::read(portraits.get(&format!("{NAME}.jpg")).unwrap()).unwrap();
    (analyzer, Picture::decode(&bytes, &DecodeLimits::default()).unwrap())
}

/// The portrait with every pixel for which `colour` names one.
fn painted(picture: &Picture, colour: impl Fn(f32, f32) -> Option<[u8; 3]>) -> Picture {
    let mut rgb = picture.rgb().to_vec();
    for (i, pixel) in rgb.chunks_exact_mut(3).enumerate() {
        let (x, y) = (i as u32 % picture.width(), i as u32 / picture.width());
        if let Some(new) = colour(x as f32 + 0.5, y as f32 + 0.5) {
            pixel.copy_from_slice(&new);
        }
    }
    Picture::from_rgb(picture.width(), picture.height(), rgb).unwrap()
}

/// Inner edge of the rims, in eye distances: 1.5 mm of wire. Under rims of 3 mm, painted on the face as these are, the detector sees the
/// turned eyes nearer together than the session takes for a turned head, and the puppet is told to turn back until it gives up.
const RIM: f32 = 0.365;

/// Dark round rims around the eyes and a bridge between them.
fn glasses(picture: &Picture, mesh: &Mesh) -> Picture {
    let middle = |eye: [usize; 2]| {
        let [a, b] = eye.map(|i| mesh.points[i]);
        [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]
    };
    let [one, two] = EYES.map(middle);
    let apart = (two[0] - one[0]).hypot(two[1] - one[1]);
    let bridge = mesh.points[BRIDGE];
    painted(picture, |x, y| {
        let rim = [one, two].iter().any(|[ex, ey]| (RIM..0.39).contains(&((x - ex).hypot(y - ey) / apart)));
        let over = (x - bridge[0]).abs() < 0.18 * apart && (y - one[1].midpoint(two[1])).abs() < 0.03 * apart;
        (rim || over).then_some([25, 22, 20])
    })
}

/// Pale blue cloth from the nose down.
fn mask(picture: &Picture, mesh: &Mesh) -> Picture {
    let outline = MASK.map(|i| mesh.points[i]);
    let inside = |x: f32, y: f32| {
        // Even-odd rule.
        (0..outline.len()).fold(false, |inside, i| {
            let (a, b) = (outline[i], outline[(i + 1) % outline.len()]);
            let crosses = (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0];
            inside != crosses
        })
    };
    painted(picture, |x, y| inside(x, y).then_some([150, 185, 205]))
}

/// Plays a person with this face; the state, hints and verdict.
fn play(analyzer: &mut Analyzer, cast: Cast, step_ms: f64) -> (State, Vec<Hint>, Verdict, Option<Reading>) {
    let challenge = Challenge::pinned(&[Step::Neutral, Step::TurnLeft, Step::Smile]).unwrap();
    let mut session = Session::new(challenge, Limits { step_ms, ..Limits::default() });
    let mut person = Person::new(Arc::new(cast), 5);
    let (mut progress, mut asked, mut hints, mut at_ms) = (session.progress(), None, Vec::new(), 0.0);
    while progress.state == State::Running {
        if asked != Some(progress.prompt) {
            asked = Some(progress.prompt);
            person.ask(Act::from_name(progress.prompt.name()).unwrap(), at_ms);
        }
        if let Some(hint) = progress.hint {
            person.hear(hint.name(), at_ms);
            hints.push(hint);
        }
        let picture = Picture::decode(&person.frame(at_ms).unwrap(), &DecodeLimits::default()).unwrap();
        let faces = analyzer.detect(&picture).unwrap();
        let (luma, scale) = picture.luma_small(640).unwrap();
        let found = faces.first();
        let wants = session.wants(at_ms, faces.len(), found);
        let happy = found.filter(|_| wants.happy).map(|found| analyzer.happy(&picture, found).unwrap());
        let embedding = found.filter(|_| wants.embedding).map(|f| analyzer.embed(&picture, &f.points).unwrap());
        progress = session.push(FrameInput {
            at_ms,
            luma: &luma,
            scale,
            faces: faces.len(),
            detection: found,
            happy,
            passive: None,
            embedding,
            quality: None,
            colour: None,
            fingerprint: fingerprint(&luma),
        });
        at_ms += 1_000.0 / 12.5;
    }
    let evidence = session.finish().evidence;
    let reasons = decide::liveness::judge(&evidence, ChallengeKind::PinnedForTest, &LivenessPolicy::default());
    (progress.state, hints, decide::liveness::verdict(&reasons), evidence.reading(CheckName::Depth))
}

#[test]
fn glasses_get_through_and_a_mask_is_asked_again_but_no_attack() {
    let (mut analyzer, plain) = engine();
    let found = analyzer.detect(&plain).unwrap()[0];
    let mesh = analyzer.mesh(&plain, &found).unwrap();
    let cast = |picture: &Picture| Cast { puppet: Puppet::new(picture, &mesh).unwrap(), look: Look::of_portrait(NAME) };

    let (state, hints, verdict, depth) = play(&mut analyzer, cast(&glasses(&plain, &mesh)), Limits::default().step_ms);
    assert_eq!((state, verdict), (State::Finished, Verdict::Live), "glasses: {hints:?}, depth {depth:?}");

    // Who does not answer in four seconds does not in eight.
    let (state, hints, verdict, _) = play(&mut analyzer, cast(&mask(&plain, &mesh)), 4_000.0);
    assert_ne!(state, State::Finished, "nobody sees a smile behind a mask");
    assert_eq!(verdict, Verdict::NoEvidence, "{hints:?}");
    assert!(!hints.is_empty(), "what to do is said");
}
