//! A whole session with the step of screen colours: what is asked, how long it lasts, and what it leaves.

use face::FaceColour;

use crate::scenes::{PERSON, input};
use crate::*;

const EVERY: f64 = 66.0;

/// Plays neutral and colours to a face that is lit by what `lit` makes of the drawn colour; `away`: when it looks aside (ms).
fn play(lit: impl Fn(Tint) -> Tint, away: std::ops::Range<f64>) -> (Capture, State, Vec<Hint>, f64) {
    let challenge = Challenge::pinned(&[Step::Neutral]).unwrap().with_colours().tinted(&mut || 41);
    let mut session = Session::new(challenge, Limits::default());
    let (mut asked, mut hints, mut at_ms, mut progress) = (None, Vec::new(), 0.0, session.progress());
    for i in 0..400usize {
        if progress.prompt == Prompt::Step(Step::Colours) {
            asked.get_or_insert(at_ms);
            assert!(progress.tints.is_some(), "the page has to know them");
        } else {
            assert_eq!(progress.tints, None);
        }
        let mut actor = PERSON;
        if away.contains(&at_ms) {
            actor.yaw = 25.0;
        }
        let shot = actor.frame(i as u32);
        let shown = asked.zip(progress.tints).and_then(|(since, tints)| {
            let late = at_ms - since - 200.0;
            tints.get(((late / f64::from(TINT_MS)) as usize).min(tints.len() - 1)).filter(|_| late >= 0.0).copied()
        });
        let light = shown.map_or([0.0; 3], |tint| lit(tint).rgb().map(|v| f32::from(v) / 2_550.0));
        let skin = [0.4, 0.25, 0.2];
        let colour = FaceColour { skin: std::array::from_fn(|i| skin[i] * (0.8 + light[i])), around: Some([0.3; 3]) };
        let wants = session.wants(at_ms, 1, Some(&shot.found));
        progress = session.push(FrameInput { colour: Some(colour), ..input(at_ms, &shot, i, wants) });
        hints.extend(progress.hint);
        if progress.state != State::Running {
            break;
        }
        at_ms += EVERY;
    }
    let lasted = asked.map_or(0.0, |since| at_ms - since);
    (session.finish(), progress.state, hints, lasted)
}

#[test]
fn a_face_that_waits_is_asked_nothing_more_and_read() {
    let (capture, state, hints, lasted) = play(|tint| tint, 0.0..0.0);
    assert_eq!((state, hints.len()), (State::Finished, 0), "{hints:?}");
    assert!((2_100.0..2_500.0).contains(&lasted), "{lasted}");
    let reading = capture.evidence.reading(CheckName::Colours);
    assert!(matches!(reading, Some(Reading::Value(value)) if value > 0.97), "{reading:?}");
}

#[test]
fn other_colours_are_read_as_others() {
    let next = |tint| Tint::ALL[(Tint::ALL.iter().position(|t| *t == tint).unwrap() + 1) % 4];
    let (capture, state, ..) = play(next, 0.0..0.0);
    assert_eq!(state, State::Finished);
    let reading = capture.evidence.reading(CheckName::Colours);
    assert!(matches!(reading, Some(Reading::Value(value)) if value < 0.9), "{reading:?}");
}

#[test]
fn who_looks_aside_is_told_and_the_step_waits() {
    let (_, state, hints, lasted) = play(|tint| tint, 1_500.0..5_000.0);
    assert_eq!(state, State::Finished);
    assert!(lasted > 3_500.0 && hints.contains(&Hint::LookAtCamera), "{lasted} {hints:?}");
}
