//! Whole captures, acted by a textured head: who follows the prompts, who does not, and what pretends to.

use face::{Detection, Embedding, FaceBox, Luma, Point};

use crate::testkit::{HEIGHT, Shape, WIDTH, detection, shoot};
use crate::*;

/// Milliseconds per frame.
const EVERY: f64 = 66.0;
/// Frames between a prompt and the reaction to it.
const REACTION: usize = 6;
/// Degrees of a full turn, and per frame on the way.
const TURN: f32 = 28.0;
const TURN_STEP: f32 = 2.5;

/// What is before the camera and how it behaves.
#[derive(Clone, Copy)]
pub(crate) struct Actor {
    pub(crate) shape: Shape,
    /// Where the head points, degrees.
    pub(crate) yaw: f32,
    /// How much of a smile there is, 0..1, and how much of it comes per frame.
    pub(crate) smile: f32,
    pub(crate) smile_step: f32,
    /// Answers turns to the other side.
    pub(crate) mirrored: bool,
    /// Answers nothing.
    pub(crate) idle: bool,
}

pub(crate) const PERSON: Actor =
    Actor { shape: Shape::Ellipsoid, yaw: 0.0, smile: 0.0, smile_step: 0.2, mirrored: false, idle: false };

impl Actor {
    fn follow(&mut self, prompt: Prompt) {
        self.follow_at(prompt, 1.0);
    }

    /// `pace`: how much of an ordinary frame's time has passed.
    pub(crate) fn follow_at(&mut self, prompt: Prompt, pace: f32) {
        let sign = if self.mirrored { -1.0 } else { 1.0 };
        let (yaw, smile) = match prompt {
            _ if self.idle => (0.0, 0.0),
            Prompt::Step(Step::TurnLeft) => (TURN * sign, 0.0),
            Prompt::Step(Step::TurnRight) => (-TURN * sign, 0.0),
            Prompt::Step(Step::Smile) => (0.0, 1.0),
            Prompt::Step(Step::Neutral | Step::Closer | Step::Back | Step::HoldStill | Step::Colours)
            | Prompt::Hold => (0.0, 0.0),
        };
        self.yaw += (yaw - self.yaw).clamp(-TURN_STEP * pace, TURN_STEP * pace);
        self.smile += (smile - self.smile).clamp(-self.smile_step, self.smile_step);
    }

    pub(crate) fn frame(&self, seed: u32) -> Shot {
        let luma = smiling(&shoot(self.shape, self.yaw, seed), self.smile);
        // A flat thing turned hard enough to fool the five points still moves as a plane.
        let mut found = detection(Shape::Ellipsoid, self.yaw);
        if self.shape == Shape::Plane {
            found.bbox = detection(Shape::Plane, self.yaw).bbox;
        }
        Shot { luma, found, happy: (self.smile * 1.6).min(1.0) }
    }
}

pub(crate) struct Shot {
    pub(crate) luma: Luma,
    pub(crate) found: Detection,
    happy: f32,
}

/// Paints a bright mouth that widens with the smile.
fn smiling(luma: &Luma, smile: f32) -> Luma {
    let mut data = luma.data().to_vec();
    let half = 14.0 + 22.0 * smile;
    for y in 188..212u32 {
        for x in 0..WIDTH {
            let (dx, dy) = (x as f32 - 160.0, y as f32 - 200.0);
            if dx.abs() < half && dy.abs() < 4.0 + 6.0 * smile {
                data[(y * WIDTH + x) as usize] = 235;
            }
        }
    }
    Luma::new(WIDTH, HEIGHT, data).unwrap()
}

/// A person's embedding with a little of every frame's own noise.
fn embedding(person: usize, frame: usize) -> Embedding {
    let raw: Vec<f32> = (0..128)
        .map(|i| {
            let who = ((i * 31 + person * 977) % 17) as f32 - 8.0;
            who + 0.6 * (((i * 7 + frame * 13) % 11) as f32 - 5.0) * 0.3
        })
        .collect();
    Embedding::from_raw(&raw).unwrap()
}

pub(crate) fn input<'a>(at_ms: f64, shot: &'a Shot, frame: usize, wants: Wants) -> FrameInput<'a> {
    FrameInput {
        at_ms,
        luma: &shot.luma,
        scale: 1.0,
        faces: 1,
        detection: Some(&shot.found),
        happy: wants.happy.then_some(shot.happy),
        embedding: wants.embedding.then(|| embedding(1, frame)),
        passive: None,
        quality: None,
        colour: None,
        fingerprint: fingerprint(&shot.luma),
    }
}

/// Plays a challenge until it ends; the capture, its last state and every prompt that was shown.
fn play(steps: &[Step], mut actor: Actor) -> (Capture, State, Vec<Prompt>) {
    let mut session = Session::new(Challenge::pinned(steps).unwrap(), Limits::default());
    let mut shown = vec![session.progress().prompt];
    let mut state = State::Running;
    for i in 0..950usize {
        let prompt = shown[shown.len().saturating_sub(REACTION + 1)];
        actor.follow(prompt);
        let shot = actor.frame(i as u32);
        let at_ms = 5_000.0 + i as f64 * EVERY;
        let wants = session.wants(at_ms, 1, Some(&shot.found));
        let progress = session.push(input(at_ms, &shot, i, wants));
        assert!((0.0..=1.0).contains(&progress.fraction));
        shown.push(progress.prompt);
        state = progress.state;
        if state != State::Running {
            break;
        }
    }
    (session.finish(), state, shown)
}

pub(crate) fn value(capture: &Capture, name: CheckName) -> f32 {
    match capture.evidence.reading(name) {
        Some(Reading::Value(value)) => value,
        other => panic!("{name:?}: {other:?}"),
    }
}

use Step::{Neutral, Smile, TurnLeft, TurnRight};

#[test]
fn a_person_answers_every_order() {
    let orders = [
        [Neutral, Smile, TurnLeft, TurnRight],
        [Neutral, TurnRight, Smile, TurnLeft],
        [Neutral, TurnLeft, TurnRight, Smile],
        [TurnLeft, Neutral, Smile, TurnRight],
    ];
    for order in orders {
        let (capture, state, _) = play(&order, PERSON);
        assert_eq!(state, State::Finished, "{order:?}");
        assert_eq!(value(&capture, CheckName::StepsAnswered), 1.0);
        assert!(value(&capture, CheckName::PoseAnswer) >= 0.3);
        assert!(value(&capture, CheckName::Depth) <= 0.8, "{order:?}: {}", value(&capture, CheckName::Depth));
        assert!(value(&capture, CheckName::SmileOnset) >= 0.6, "{}", value(&capture, CheckName::SmileOnset));
        assert!(value(&capture, CheckName::Continuity) > 0.9);
        assert!(value(&capture, CheckName::Jump) < 0.5);
        assert_eq!(value(&capture, CheckName::Replay), 0.0);
        assert!((value(&capture, CheckName::FrameRate) - 15.15).abs() < 0.1);
        assert!(capture.probe.len() >= 5, "{}", capture.probe.len());
        assert!(capture.probe.iter().all(|(_, weight)| *weight > 0.0));
    }
}

#[test]
fn a_plane_that_turns_is_read_as_flat() {
    let (capture, _, _) = play(&[Neutral, TurnLeft], Actor { shape: Shape::Plane, ..PERSON });
    assert!(value(&capture, CheckName::Depth) >= 0.95, "{}", value(&capture, CheckName::Depth));
}

#[test]
fn what_was_not_asked_is_said_so() {
    let (capture, state, _) = play(&[Neutral, Smile], PERSON);
    assert_eq!(state, State::Finished);
    for name in [CheckName::PoseAnswer, CheckName::Depth] {
        assert_eq!(capture.evidence.reading(name), Some(Reading::NoEvidence(NoEvidence::NotAsked)));
    }
    let (capture, _, _) = play(&[Neutral, TurnLeft], PERSON);
    assert_eq!(capture.evidence.reading(CheckName::SmileOnset), Some(Reading::NoEvidence(NoEvidence::NotAsked)));
}

#[test]
fn a_cut_to_a_smile_is_no_onset() {
    let (capture, state, _) = play(&[Neutral, Smile], Actor { smile_step: 1.0, ..PERSON });
    assert_eq!(state, State::Finished);
    assert!(value(&capture, CheckName::SmileOnset) < 0.15, "{}", value(&capture, CheckName::SmileOnset));
}

/// Seen at its fifth frame, the quick first half of this smile is most of its way and looks like a cut.
#[test]
fn a_smile_that_goes_on_growing_is_read_when_it_has_grown() {
    let mut session = Session::new(Challenge::pinned(&[Neutral, Smile]).unwrap(), Limits::default());
    let mut state = State::Running;
    for i in 0..60usize {
        let smile = if i < 15 { 0.0 } else { (0.46 + 0.06 * (i - 15) as f32).min(1.0) };
        let shot = Actor { smile, ..PERSON }.frame(i as u32);
        let wants = session.wants(i as f64 * EVERY, 1, Some(&shot.found));
        state = session.push(input(i as f64 * EVERY, &shot, i, wants)).state;
    }
    assert_eq!(state, State::Finished);
    let capture = session.finish();
    assert!(value(&capture, CheckName::SmileOnset) > 0.5, "{}", value(&capture, CheckName::SmileOnset));
}

/// Turned away for longer than an onset is looked for, and back with the smile.
#[test]
fn a_smile_that_came_while_nobody_saw_the_mouth_is_no_onset() {
    let mut session = Session::new(Challenge::pinned(&[Neutral, TurnLeft, Smile]).unwrap(), Limits::default());
    let (mut actor, mut state) = (PERSON, State::Running);
    for i in 0..120usize {
        let away = (15..60).contains(&i);
        actor.follow(Prompt::Step(if away { TurnLeft } else { Neutral }));
        let shot = Actor { smile: if i < 40 { 0.0 } else { 1.0 }, ..actor }.frame(i as u32);
        let wants = session.wants(i as f64 * EVERY, 1, Some(&shot.found));
        state = session.push(input(i as f64 * EVERY, &shot, i, wants)).state;
    }
    assert_eq!(state, State::Finished);
    let reading = session.finish().evidence.reading(CheckName::SmileOnset);
    assert!(matches!(reading, Some(Reading::NoEvidence(_))), "{reading:?}");
}

/// The score stirs a third of a second before the mouth is swapped.
#[test]
fn a_cut_after_the_score_has_risen_a_little_is_no_onset() {
    let mut session = Session::new(Challenge::pinned(&[Neutral, Smile]).unwrap(), Limits::default());
    for i in 0..60usize {
        let mut shot = Actor { smile: if i < 21 { 0.0 } else { 1.0 }, ..PERSON }.frame(i as u32);
        shot.happy = if (15..21).contains(&i) { 0.4 } else { shot.happy };
        let wants = session.wants(i as f64 * EVERY, 1, Some(&shot.found));
        session.push(input(i as f64 * EVERY, &shot, i, wants));
    }
    let capture = session.finish();
    assert!(value(&capture, CheckName::SmileOnset) < 0.15, "{}", value(&capture, CheckName::SmileOnset));
}

#[test]
fn the_other_side_fails_and_nothing_is_answered() {
    let (capture, state, _) = play(&[Neutral, TurnLeft, Smile], Actor { mirrored: true, ..PERSON });
    assert_eq!(state, State::Failed(Failure::StepTimedOut));
    assert!(value(&capture, CheckName::StepsAnswered) < 0.5);
    assert!(value(&capture, CheckName::PoseAnswer) < 0.3);
}

/// A recording of turns that plays on, whatever is asked.
#[test]
fn turns_that_were_not_asked_for_fail() {
    let mut session = Session::new(Challenge::pinned(&[Neutral, Smile]).unwrap(), Limits::default());
    let mut state = State::Running;
    for i in 0..200usize {
        let yaw = if i < 15 { 0.0 } else { 30.0 * ((i - 15) as f32 * 0.12).sin() };
        let shot = Actor { yaw, ..PERSON }.frame(i as u32);
        let wants = session.wants(i as f64 * EVERY, 1, Some(&shot.found));
        state = session.push(input(i as f64 * EVERY, &shot, i, wants)).state;
        if state != State::Running {
            break;
        }
    }
    assert_eq!(state, State::Failed(Failure::WrongAnswer));
}

#[test]
fn nobody_answers_and_the_step_times_out_with_hints() {
    let mut session = Session::new(Challenge::pinned(&[Neutral, TurnLeft]).unwrap(), Limits::default());
    let shot = PERSON.frame(0);
    let (mut hints, mut ended) = (Vec::new(), 0.0);
    for i in 0..400usize {
        let at_ms = i as f64 * EVERY;
        let wants = session.wants(at_ms, 1, Some(&shot.found));
        let progress = session.push(input(at_ms, &shot, i, wants));
        hints.extend(progress.hint);
        if progress.state != State::Running {
            assert_eq!(progress.state, State::Failed(Failure::StepTimedOut));
            ended = at_ms;
            break;
        }
    }
    assert!((8_000.0..9_500.0).contains(&ended), "{ended}");
    assert!(hints.len() > 50 && hints.iter().all(|&hint| hint == Hint::TurnMore), "{hints:?}");
}

#[test]
fn troubles_become_hints_and_stop_the_count() {
    let shot = PERSON.frame(0);
    let dark = Shot { luma: Luma::new(WIDTH, HEIGHT, vec![9; (WIDTH * HEIGHT) as usize]).unwrap(), ..PERSON.frame(0) };
    let mut small = shot.found;
    for p in &mut small.points.0 {
        *p = Point::new(p.x * 0.3, p.y * 0.3);
    }
    let mut large = shot.found;
    large.bbox = FaceBox { w: 310.0, ..large.bbox };
    let mut upside_down = shot.found;
    upside_down.points.0.iter_mut().for_each(|p| *p = Point::new(WIDTH as f32 - p.x, HEIGHT as f32 - p.y));
    let mut on_its_side = shot.found;
    on_its_side.points.0.iter_mut().for_each(|p| *p = Point::new(160.0 + (p.y - 120.0), 120.0 - (p.x - 160.0)));
    let mut broken = shot.found;
    broken.points.0[0].x = f32::NAN;
    let cases = [
        (&shot, Some(&shot.found), 2, Hint::SeveralFaces),
        (&shot, None, 0, Hint::NoFace),
        (&shot, Some(&broken), 1, Hint::NoFace),
        (&shot, Some(&upside_down), 1, Hint::HoldUpright),
        (&shot, Some(&on_its_side), 1, Hint::HoldUpright),
        (&shot, Some(&small), 1, Hint::ComeCloser),
        (&shot, Some(&large), 1, Hint::MoveBack),
        (&dark, Some(&dark.found), 1, Hint::MoreLight),
    ];
    for (shot, found, faces, expected) in cases {
        let mut session = Session::new(Challenge::pinned(&[Neutral]).unwrap(), Limits::default());
        let mut last = session.progress();
        for i in 0..40usize {
            let at_ms = i as f64 * EVERY;
            let wants = Wants { happy: true, embedding: false, mesh: false, passive: false };
            last = session.push(FrameInput { faces, detection: found, ..input(at_ms, shot, i, wants) });
        }
        assert_eq!((last.hint, last.state), (Some(expected), State::Running));
        assert_eq!(last.fraction, 0.0);
    }
}

#[test]
fn unusable_times_are_refused_and_too_many_end_it() {
    let shot = PERSON.frame(0);
    let wants = Wants { happy: true, embedding: true, mesh: false, passive: false };
    let mut session = Session::new(Challenge::pinned(&[Neutral]).unwrap(), Limits::default());
    session.push(input(1_000.0, &shot, 0, wants));
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -5.0, 1_000.0, 999.0, 0.0, f64::MAX];
    for at_ms in bad {
        assert_eq!(session.wants(at_ms, 1, Some(&shot.found)), Wants::default(), "{at_ms}");
        assert_eq!(session.push(input(at_ms, &shot, 0, wants)).state, State::Running);
    }
    let mut state = State::Running;
    for _ in 0..60 {
        state = session.push(input(f64::NAN, &shot, 0, wants)).state;
    }
    assert_eq!(state, State::Failed(Failure::BadClock));
    let capture = session.finish();
    assert_eq!(capture.fingerprints.len(), 1);
    assert_eq!(capture.evidence.reading(CheckName::FrameRate), Some(Reading::NoEvidence(NoEvidence::TooFewFrames)));
}

#[test]
fn pauses_and_floods_end_it() {
    let shot = PERSON.frame(0);
    let none = Wants::default();
    let session = || Session::new(Challenge::pinned(&[Neutral]).unwrap(), Limits::default());
    let mut paused = session();
    paused.push(input(0.0, &shot, 0, none));
    assert_eq!(paused.push(input(61_000.0, &shot, 0, none)).state, State::Failed(Failure::TimedOut));
    let mut flooded = session();
    let mut state = State::Running;
    for i in 0..901usize {
        assert_eq!(state, State::Running, "{i}");
        state = flooded.push(input(i as f64, &shot, i, none)).state;
    }
    assert_eq!(state, State::Failed(Failure::TooManyFrames));
    // After the end nothing changes.
    assert_eq!(flooded.push(input(5e6, &shot, 0, none)).state, state);
    assert_eq!(flooded.finish().fingerprints.len(), 901);
}

#[test]
fn a_swap_of_persons_breaks_continuity() {
    let mut session = Session::new(Challenge::pinned(&[Neutral, Smile]).unwrap(), Limits::default());
    for i in 0..30usize {
        let shot = Actor { smile: if i > 15 { 1.0 } else { 0.0 }, ..PERSON }.frame(i as u32);
        let at_ms = i as f64 * EVERY;
        let wants = session.wants(at_ms, 1, Some(&shot.found));
        let person = if i < 15 { 1 } else { 2 };
        let embedding = wants.embedding.then(|| embedding(person, i));
        session.push(FrameInput { embedding, ..input(at_ms, &shot, i, wants) });
    }
    let capture = session.finish();
    assert!(value(&capture, CheckName::Continuity) < 0.3, "{}", value(&capture, CheckName::Continuity));
}

#[test]
fn a_replayed_capture_is_recognised_even_when_compressed_again() {
    let (first, _, _) = play(&[Neutral, Smile], PERSON);
    let mut again =
        Session::new(Challenge::pinned(&[Neutral, Smile]).unwrap(), Limits::default()).with_earlier(first.fingerprints);
    for i in 0..20usize {
        let shot = PERSON.frame(i as u32);
        let coarse: Vec<u8> = shot.luma.data().iter().map(|&grey| grey / 6 * 6 + 3).collect();
        let luma = Luma::new(WIDTH, HEIGHT, coarse).unwrap();
        let fingerprint = fingerprint(&luma);
        again.push(FrameInput { luma: &luma, fingerprint, ..input(i as f64 * EVERY, &shot, i, Wants::default()) });
    }
    let share = value(&again.finish(), CheckName::Replay);
    assert!(share >= 0.6, "{share}");
}

#[test]
fn a_loop_is_counted_and_a_still_camera_is_not() {
    let loops = |length: usize| {
        let shots: Vec<Shot> = (0..length).map(|i| Actor { yaw: i as f32 * 0.2, ..PERSON }.frame(i as u32)).collect();
        let mut session = Session::new(Challenge::pinned(&[TurnLeft]).unwrap(), Limits::default());
        for i in 0..100usize {
            session.push(input(i as f64 * EVERY, &shots[i % length], i, Wants::default()));
        }
        value(&session.finish(), CheckName::Replay)
    };
    assert_eq!(loops(20), 1.0);
    assert_eq!(loops(1), 0.0);
    assert_eq!(loops(100), 0.0);
}

#[test]
fn the_same_frames_give_the_same_evidence() {
    let order = [Neutral, TurnLeft, Smile];
    assert_eq!(play(&order, PERSON).0.evidence, play(&order, PERSON).0.evidence);
}

#[test]
fn an_idle_person_is_asked_for_neutral_first() {
    let (_, _, shown) = play(&[Neutral, TurnLeft], Actor { idle: true, ..PERSON });
    assert_eq!(shown[0], Prompt::Step(Neutral));
    assert!(shown.contains(&Prompt::Step(TurnLeft)));
}
