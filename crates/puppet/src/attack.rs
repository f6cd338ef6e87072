//! Those who are not the payer, or not there: presentation attacks as actors.

use crate::act::Act;
use crate::actor::{Actor, Cast, rest, target};
use crate::flat::Flat;
use crate::motion::Motion;
use crate::pose::Pose;
use crate::puppet::Subject;
use crate::temper::Temper;
use crate::{PuppetError, codec, frame_seed};
use image::RgbImage;

/// How much further a photograph is tilted than a head turns, to make up for its being flat.
const TILT: f32 = 1.4;

/// Two photographs, neutral and smiling, held by hand: tilted when asked to turn, swapped when asked to smile.
pub struct Photographs {
    neutral: Flat,
    smiling: Flat,
    temper: Temper,
    motion: Motion,
    /// From when the smiling photograph is up; infinite while the neutral one is.
    smiling_from_ms: f64,
    doing: Act,
    seed: u64,
}

impl Photographs {
    /// Photographs of this person.
    pub fn new(cast: &Cast, seed: u64) -> Self {
        let look = cast.look;
        let temper = Temper::draw(seed);
        let straight = Pose { smile: 0.0, shut: 0.0, ..rest(&temper, &look) };
        Self {
            neutral: Flat::of(&cast.puppet, look.neutral, 0.0),
            smiling: Flat::of(&cast.puppet, look.smile, look.mouth),
            motion: Motion::resting(straight),
            temper,
            smiling_from_ms: f64::INFINITY,
            doing: Act::Neutral,
            seed,
        }
    }
}

impl Actor for Photographs {
    fn ask(&mut self, act: Act, at_ms: f64) {
        if act == self.doing || act == Act::Hold {
            return;
        }
        self.doing = act;
        let start = at_ms + self.temper.reaction_ms;
        self.motion.stop_at(start);
        let look = crate::Look { neutral: 0.0, shut: 0.0, smile: 0.0, mouth: 0.0 };
        let straight = rest(&self.temper, &look);
        let (to, ms) = target(act, straight, &self.temper, &look);
        self.motion.then(Pose { yaw: to.yaw * TILT, ..to }, start, ms * self.temper.pace);
        self.smiling_from_ms = if act == Act::Smile { start } else { f64::INFINITY };
    }

    fn shot(&mut self, at_ms: f64) -> Result<RgbImage, PuppetError> {
        let up = if at_ms >= self.smiling_from_ms { &self.smiling } else { &self.neutral };
        let pose = self.temper.shake(self.motion.at(at_ms), at_ms);
        Ok(up.shoot(&pose, &self.temper.light, frame_seed(self.seed, at_ms)))
    }
}

/// An older capture played again, whatever is asked; from its start once it has ended.
pub struct Replay {
    frames: Vec<(f64, Vec<u8>)>,
    length_ms: f64,
}

impl Replay {
    /// `frames`: ms since the old capture began and the JPEG that was sent, in order.
    ///
    /// # Errors
    /// When there is no frame to replay.
    pub fn new(frames: Vec<(f64, Vec<u8>)>) -> Result<Self, PuppetError> {
        let (first, last) = match (frames.first(), frames.last()) {
            (Some(first), Some(last)) => (first.0, last.0),
            _ => return Err(PuppetError::NothingToReplay),
        };
        Ok(Self { frames, length_ms: (last - first).max(1.0) })
    }
}

impl Actor for Replay {
    fn ask(&mut self, _act: Act, _at_ms: f64) {}

    fn shot(&mut self, at_ms: f64) -> Result<RgbImage, PuppetError> {
        codec::unjpeg(&self.frame(at_ms)?)
    }

    fn frame(&mut self, at_ms: f64) -> Result<Vec<u8>, PuppetError> {
        let start = self.frames.first().map_or(0.0, |f| f.0);
        let at = start + at_ms.max(0.0) % self.length_ms;
        let next = self.frames.partition_point(|f| f.0 <= at);
        let frame = self.frames.get(next.saturating_sub(1));
        frame.map(|f| f.1.clone()).ok_or(PuppetError::NothingToReplay)
    }
}
