//! Whole sequences ahead of time, for players that cannot render: the browser test and the fake camera.

use crate::PuppetError;
use crate::act::Act;
use crate::actor::Actor;

/// Frames per second of every prepared sequence.
pub const FPS: u32 = 15;
/// How long an act is kept before the actor relaxes again, ms since it was asked.
const HOLD_UNTIL_MS: f64 = 2600.0;
/// A whole act with the way back, ms.
const ACT_MS: f64 = 4000.0;

/// JPEG frames at [`FPS`] of `actor` asked to do `act` at 0 ms and to relax after 2.6 s:
/// they begin and end in the neutral pose, so that sequences can follow each other and loop.
///
/// # Errors
/// As the actor's frames.
pub fn act_frames(actor: &mut dyn Actor, act: Act) -> Result<Vec<Vec<u8>>, PuppetError> {
    actor.ask(act, 0.0);
    let mut relaxed = false;
    let mut frames = Vec::new();
    for at_ms in clock(ACT_MS) {
        if at_ms >= HOLD_UNTIL_MS && !relaxed {
            actor.ask(Act::Neutral, at_ms);
            relaxed = true;
        }
        frames.push(actor.frame(at_ms)?);
    }
    Ok(frames)
}

/// The moments of a camera at [`FPS`], ms from 0 up to `length_ms`.
pub fn clock(length_ms: f64) -> impl Iterator<Item = f64> {
    let step = 1000.0 / f64::from(FPS);
    (0..).map(move |i| f64::from(i) * step).take_while(move |t| *t < length_ms)
}
