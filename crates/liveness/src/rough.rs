//! Cameras and rooms as they are: slow and fast cameras, faces that come and go, the dark. Nothing here may be taken for a
//! quick answer, and whoever goes on afterwards gets through.

use crate::scenes::{Actor, PERSON, Shot, input, value};
use crate::testkit::{HEIGHT, WIDTH};
use crate::*;
use face::Luma;

/// What happens to one frame on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mishap {
    None,
    /// Nobody is in the picture.
    Gone,
    /// Somebody looks over the payer's shoulder.
    SecondFace,
    Dark,
}

const STEPS: [Step; 4] = [Step::Neutral, Step::TurnLeft, Step::Smile, Step::TurnRight];

/// Plays a willing person at `every` ms a frame; `mishap` says what goes wrong at which moment (ms).
fn play(every: f64, mishap: impl Fn(f64) -> Mishap) -> (Capture, State, Vec<Hint>, f64) {
    let mut session = Session::new(Challenge::pinned(&STEPS).unwrap(), Limits::default());
    // A person moves as fast before any camera: 25° and a third of a smile in 660 ms, after 400 ms.
    let pace = (every / 66.0) as f32;
    let mut actor = Actor { smile_step: (0.2 * pace).min(1.0), ..PERSON };
    let mut shown: Vec<(f64, Prompt)> = vec![(0.0, session.progress().prompt)];
    let (mut hints, mut at_ms, mut state) = (Vec::new(), 0.0, State::Running);
    for i in 0..1_000usize {
        let heard = shown.iter().rev().find(|(at, _)| at_ms - at >= 400.0).map_or(Prompt::Hold, |(_, prompt)| *prompt);
        actor.follow_at(heard, pace);
        let mut shot = actor.frame(i as u32);
        let what = mishap(at_ms);
        if what == Mishap::Dark {
            shot.luma = Luma::new(WIDTH, HEIGHT, vec![12; (WIDTH * HEIGHT) as usize]).unwrap();
        }
        let faces = match what {
            Mishap::Gone => 0,
            Mishap::SecondFace => 2,
            Mishap::None | Mishap::Dark => 1,
        };
        let found = (what != Mishap::Gone).then_some(shot.found);
        let wants = session.wants(at_ms, faces, found.as_ref());
        let Shot { found: own, .. } = &shot;
        let frame =
            FrameInput { faces, detection: (what != Mishap::Gone).then_some(own), ..input(at_ms, &shot, i, wants) };
        let progress = session.push(frame);
        hints.extend(progress.hint);
        shown.push((at_ms, progress.prompt));
        state = progress.state;
        if state != State::Running {
            break;
        }
        at_ms += every;
    }
    (session.finish(), state, hints, at_ms)
}

#[test]
fn two_frames_a_second_say_nothing_about_depth_and_are_measured_as_that() {
    let (capture, _, _, _) = play(500.0, |_| Mishap::None);
    assert!(value(&capture, CheckName::FrameRate) < 2.1, "decide asks again below 10");
    assert!(matches!(capture.evidence.reading(CheckName::Depth), Some(Reading::NoEvidence(_))));
}

#[test]
fn sixty_frames_a_second_are_read_like_fifteen() {
    let (capture, state, _, took) = play(1_000.0 / 60.0, |_| Mishap::None);
    assert_eq!(state, State::Finished);
    assert!(took < 15_000.0, "within the frames that a capture may hold: {took}");
    assert!((value(&capture, CheckName::FrameRate) - 60.0).abs() < 0.5);
    assert!(value(&capture, CheckName::PoseAnswer) >= 0.3 && value(&capture, CheckName::Depth) <= 0.8);
    assert!(value(&capture, CheckName::SmileOnset) >= 0.6, "{}", value(&capture, CheckName::SmileOnset));
    assert!(value(&capture, CheckName::Replay) < 0.1 && value(&capture, CheckName::Jump) < 0.5);
}

#[test]
fn a_face_that_leaves_a_second_one_and_the_dark_stop_the_count_and_are_told() {
    for (mishap, hint) in
        [(Mishap::Gone, Hint::NoFace), (Mishap::SecondFace, Hint::SeveralFaces), (Mishap::Dark, Hint::MoreLight)]
    {
        // From the middle of the first turn on, for two and a half seconds.
        let spell = |at: f64| if (1_400.0..3_900.0).contains(&at) { mishap } else { Mishap::None };
        let (capture, state, hints, took) = play(66.0, spell);
        assert!(hints.contains(&hint), "{hint:?} among {hints:?}");
        assert_eq!(state, State::Finished, "{hint:?}");
        assert!(took > 3_900.0);
        assert_eq!(value(&capture, CheckName::StepsAnswered), 1.0);
        assert!(value(&capture, CheckName::PoseAnswer) >= 0.3, "{hint:?}");
        assert!(value(&capture, CheckName::SmileOnset) >= 0.6, "{hint:?}");
        // Never to the end.
        let (capture, state, ..) = play(66.0, |at| if at < 1_400.0 { Mishap::None } else { mishap });
        assert_eq!(state, State::Failed(Failure::StepTimedOut), "{hint:?}");
        assert!(value(&capture, CheckName::StepsAnswered) < 0.5);
    }
}

#[test]
fn a_camera_that_stutters_still_sees_a_turn() {
    // Every tenth frame comes a third of a second late.
    let mut session = Session::new(Challenge::pinned(&[Step::Neutral, Step::TurnLeft]).unwrap(), Limits::default());
    let (mut actor, mut at_ms, mut state, mut prompt) = (PERSON, 0.0, State::Running, session.progress().prompt);
    for i in 0..300usize {
        at_ms += if i % 10 == 9 { 330.0 } else { 66.0 };
        actor.follow_at(prompt, 1.0);
        let shot = actor.frame(i as u32);
        let wants = session.wants(at_ms, 1, Some(&shot.found));
        let progress = session.push(input(at_ms, &shot, i, wants));
        (prompt, state) = (progress.prompt, progress.state);
        if state != State::Running {
            break;
        }
    }
    assert_eq!(state, State::Finished);
    assert!(value(&session.finish(), CheckName::PoseAnswer) >= 0.3);
}
