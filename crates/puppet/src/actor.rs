//! A person (or what pretends to be one) who answers prompts before the camera.

use crate::act::Act;
use crate::codec;
use crate::look::Look;
use crate::motion::Motion;
use crate::pose::Pose;
use crate::puppet::{Puppet, Subject};
use crate::shine;
use crate::temper::Temper;
use crate::{PuppetError, frame_seed};
use image::RgbImage;
use std::sync::Arc;

/// Distance to the camera when asked to come closer, as a share of the usual one.
const CLOSER: f32 = 1.0 / 1.27;
/// Distance when asked to move back, likewise.
const BACK: f32 = 1.27;
/// Durations of movements at pace 1, ms.
const TURN_MS: f64 = 850.0;
const SMILE_MS: f64 = 800.0;
const RELAX_MS: f64 = 600.0;
const CENTRE_MS: f64 = 550.0;
const CLOSER_MS: f64 = 1000.0;
/// How far a person goes when told to do more of it.
const MOST_DEGREES: f32 = 42.0;
const MOST_SMILE: f32 = 1.2;
const NEAREST_CM: f32 = 32.0;
const FARTHEST_CM: f32 = 75.0;
/// Between two hints a person needs time to do what the first one said, ms.
const ATTENTION_MS: f64 = 1200.0;
/// A head turned by less than this many degrees is straight.
const STRAIGHT_DEGREES: f32 = 4.0;

/// Whatever is before the camera: it is asked to act and photographed; times are ms since the capture began.
pub trait Actor: Send {
    /// The prompt reached the person at this moment.
    fn ask(&mut self, act: Act, at_ms: f64);

    /// The picture the camera takes at this moment.
    ///
    /// # Errors
    /// When there is nothing to show.
    fn shot(&mut self, at_ms: f64) -> Result<RgbImage, PuppetError>;

    /// The same as JPEG.
    ///
    /// # Errors
    /// When the picture cannot be encoded.
    fn frame(&mut self, at_ms: f64) -> Result<Vec<u8>, PuppetError> {
        codec::jpeg(&self.shot(at_ms)?)
    }

    /// A hint reached the person: they do more of it. Most attackers cannot.
    fn hear(&mut self, _hint: &str, _at_ms: f64) {}

    /// The screen shows this colour (sRGB) from now on. What is no face before the screen is not lit by it.
    fn shine(&mut self, _rgb: Option<[u8; 3]>) {}
}

/// A portrait made to move: its puppet and how it looks neutral and smiling.
pub struct Cast {
    pub puppet: Puppet,
    pub look: Look,
}

/// How the smile comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onset {
    /// As on a face.
    Eased,
    /// From one frame to the next: a splice of two pictures.
    HardCut,
}

/// A cooperative person, rendered from their portrait.
pub struct Person {
    cast: Arc<Cast>,
    temper: Temper,
    onset: Onset,
    motion: Motion,
    doing: Act,
    deaf_until_ms: f64,
    screen: Option<[u8; 3]>,
    seed: u64,
}

impl Person {
    /// Starts neutral, looking at the camera.
    pub fn new(cast: Arc<Cast>, seed: u64) -> Self {
        Self::with_onset(cast, seed, Onset::Eased)
    }

    /// The same, with another way to smile.
    pub fn with_onset(cast: Arc<Cast>, seed: u64, onset: Onset) -> Self {
        let temper = Temper::draw(seed);
        let motion = Motion::resting(rest(&temper, &cast.look));
        Self { cast, temper, onset, motion, doing: Act::Neutral, deaf_until_ms: 0.0, screen: None, seed }
    }

    /// What a virtual camera injects: no grain, no tremble.
    #[must_use]
    pub fn perfect(mut self) -> Self {
        self.temper.light.noise = 0.0;
        self.temper.rest();
        self
    }

    /// This moment's pose, tremble included.
    pub fn pose(&self, at_ms: f64) -> Pose {
        self.temper.shake(self.motion.at(at_ms), at_ms)
    }

    /// This moment's picture before JPEG.
    pub fn picture(&self, at_ms: f64) -> RgbImage {
        let seed = frame_seed(self.seed, at_ms);
        let pose = self.pose(at_ms);
        let mut frame = self.cast.puppet.draw(&pose);
        if let Some(rgb) = self.screen {
            shine::on(&mut frame, &pose, rgb, self.temper.glow);
        }
        self.temper.light.apply(&mut frame, seed);
        frame
    }

    /// A person who has smiled or turned away comes back before the next thing.
    fn come_back(&mut self, act: Act, from_ms: f64) {
        let now = self.motion.at(from_ms);
        let rest = rest(&self.temper, &self.cast.look);
        let turned = now.yaw.abs() > STRAIGHT_DEGREES;
        let smiling = now.smile > rest.smile + 0.1;
        let turning = matches!(act, Act::TurnLeft | Act::TurnRight);
        if (turned && act == Act::Smile) || (smiling && turning) {
            self.motion.then(rest, from_ms, CENTRE_MS * self.temper.pace);
        }
    }
}

impl Actor for Person {
    fn ask(&mut self, act: Act, at_ms: f64) {
        if act == self.doing || act == Act::Hold {
            return;
        }
        self.doing = act;
        let start = at_ms + self.temper.reaction_ms;
        self.motion.stop_at(start);
        self.come_back(act, start);
        let (to, ms) = target(act, rest(&self.temper, &self.cast.look), &self.temper, &self.cast.look);
        // Nobody walks back after an approach unless asked to.
        self.temper.dist_cm = to.dist_cm;
        let cut = act == Act::Smile && self.onset == Onset::HardCut;
        self.motion.then(to, start, if cut { 0.0 } else { ms * self.temper.pace });
    }

    fn shot(&mut self, at_ms: f64) -> Result<RgbImage, PuppetError> {
        Ok(self.picture(at_ms))
    }

    fn shine(&mut self, rgb: Option<[u8; 3]>) {
        self.screen = rgb;
    }

    fn hear(&mut self, hint: &str, at_ms: f64) {
        if at_ms < self.deaf_until_ms {
            return;
        }
        self.deaf_until_ms = at_ms + ATTENTION_MS;
        let turning = matches!(self.doing, Act::TurnLeft | Act::TurnRight);
        let temper = &mut self.temper;
        match hint {
            "turn_more" if turning => temper.turn_degrees = (temper.turn_degrees * 1.06).min(MOST_DEGREES),
            "turn_back" if turning => temper.turn_degrees *= 0.95,
            "smile_more" => temper.smile = (temper.smile * 1.08).min(MOST_SMILE),
            "come_closer" => temper.dist_cm = (temper.dist_cm * 0.88).max(NEAREST_CM),
            "move_back" => temper.dist_cm = (temper.dist_cm * 1.12).min(FARTHEST_CM),
            _ => return,
        }
        // The same act once more, now differently. Who came closer already stays there, only a bit nearer.
        let act = std::mem::replace(&mut self.doing, Act::Hold);
        let walked = matches!(act, Act::Closer | Act::Back);
        self.ask(if walked { Act::Neutral } else { act }, at_ms);
        self.doing = act;
    }
}

/// The neutral pose of this capture.
pub(crate) fn rest(temper: &Temper, look: &Look) -> Pose {
    Pose {
        dist_cm: temper.dist_cm,
        smile: look.neutral,
        shut: look.shut,
        tx: temper.shift.0,
        ty: temper.shift.1,
        ..Pose::default()
    }
}

/// Where an act leads and how long it takes at pace 1, ms.
pub(crate) fn target(act: Act, rest: Pose, temper: &Temper, look: &Look) -> (Pose, f64) {
    match act {
        Act::Neutral | Act::Still | Act::Hold => (rest, RELAX_MS),
        Act::Smile => {
            let smile = look.smile * temper.smile;
            (Pose { smile, mouth: look.mouth, shut: 0.0, ..rest }, SMILE_MS)
        }
        Act::TurnLeft => (Pose { yaw: temper.turn_degrees, ..rest }, TURN_MS),
        Act::TurnRight => (Pose { yaw: -temper.turn_degrees, ..rest }, TURN_MS),
        Act::Closer => (Pose { dist_cm: rest.dist_cm * CLOSER, ..rest }, CLOSER_MS),
        Act::Back => (Pose { dist_cm: rest.dist_cm * BACK, ..rest }, CLOSER_MS),
    }
}
