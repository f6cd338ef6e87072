//! Somebody who holds a picture of the payer before the camera and does with it what is asked, as far as a picture can.

use crate::act::Act;
use crate::actor::{Actor, Cast, rest, target};
use crate::look::Look;
use crate::motion::Motion;
use crate::pose::Pose;
use crate::puppet::Subject as _;
use crate::sheet::{Glow, Medium, Sheet};
use crate::temper::Temper;
use crate::{PuppetError, frame_seed};
use image::RgbImage;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// How long a mouth that is made to move takes to smile, ms.
const MOUTH_MS: f64 = 700.0;
/// Pictures of a mouth on its way.
const STAGES: u16 = 8;
/// Bend of a print that is "turned", radians at its edge.
const BENT: f32 = 0.9;

/// The pictures of one payer on one medium: neutral first, smiling last, those between only when the mouth moves.
pub struct Pictures {
    sheets: Vec<Sheet>,
}

impl Pictures {
    /// Two pictures, or a mouth in motion.
    pub fn new(cast: &Cast, medium: Medium, moving_mouth: bool, seed: u64) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed ^ 0x6c0d_e001);
        let glow = Glow::draw(rng);
        let Look { neutral, shut, smile, mouth } = cast.look;
        let stages = if moving_mouth { STAGES } else { 1 };
        let sheets = (0..=stages).map(|i| {
            let share = f32::from(i) / f32::from(stages);
            let (from, to) =
                (Pose { smile: neutral, shut, ..Pose::default() }, Pose { smile, mouth, ..Pose::default() });
            Sheet::new(&cast.puppet.draw(&from.towards(&to, share)), medium, glow)
        });
        Self { sheets: sheets.collect() }
    }
}

/// The one who holds them. Seeds differ in how far and how steadily.
pub struct Holder {
    pictures: Arc<Pictures>,
    medium: Medium,
    temper: Temper,
    motion: Motion,
    /// Factor on the tilt when asked to turn, to make up for being flat.
    tilt: f32,
    smiling_from_ms: f64,
    doing: Act,
    seed: u64,
}

impl Holder {
    /// `pictures` must be of `medium`.
    pub fn new(pictures: Arc<Pictures>, medium: Medium, seed: u64) -> Self {
        let mut temper = Temper::draw(seed);
        let rng = &mut ChaCha8Rng::seed_from_u64(seed ^ 0x0040_1de2);
        temper.wave(rng.random_range(1.0..3.0));
        let tilt = rng.random_range(0.9..1.75);
        let motion = Motion::resting(straight(&temper));
        Self { pictures, medium, temper, motion, tilt, smiling_from_ms: f64::INFINITY, doing: Act::Neutral, seed }
    }

    /// Which picture is up.
    fn sheet(&self, at_ms: f64) -> Option<&Sheet> {
        let sheets = &self.pictures.sheets;
        let last = sheets.len().saturating_sub(1);
        if at_ms < self.smiling_from_ms {
            return sheets.first();
        }
        let share = ((at_ms - self.smiling_from_ms) / MOUTH_MS).min(1.0);
        let stage = if last <= 1 { last } else { (share * last as f64).round() as usize };
        sheets.get(stage.min(last))
    }
}

fn straight(temper: &Temper) -> Pose {
    rest(temper, &Look { neutral: 0.0, shut: 0.0, smile: 0.0, mouth: 0.0 })
}

impl Actor for Holder {
    fn ask(&mut self, act: Act, at_ms: f64) {
        if act == self.doing || act == Act::Hold {
            return;
        }
        self.doing = act;
        let start = at_ms + self.temper.reaction_ms;
        self.motion.stop_at(start);
        let flat = Look { neutral: 0.0, shut: 0.0, smile: 0.0, mouth: 0.0 };
        let (to, ms) = target(act, straight(&self.temper), &self.temper, &flat);
        self.motion.then(Pose { yaw: to.yaw * self.tilt, ..to }, start, ms * self.temper.pace);
        self.smiling_from_ms = if act == Act::Smile { start } else { f64::INFINITY };
    }

    fn hear(&mut self, hint: &str, _at_ms: f64) {
        // Told to turn more or less, the holder tilts more or less.
        match hint {
            "turn_more" => self.tilt = (self.tilt * 1.01).min(1.9),
            "turn_back" => self.tilt *= 0.99,
            _ => {}
        }
    }

    fn shot(&mut self, at_ms: f64) -> Result<RgbImage, PuppetError> {
        let pose = self.temper.shake(self.motion.at(at_ms), at_ms);
        let bend = if self.medium == Medium::BentPrint { BENT * (pose.yaw / 40.0).clamp(-1.2, 1.2) } else { 0.0 };
        let sheet = self.sheet(at_ms).ok_or(PuppetError::NothingToReplay)?;
        Ok(sheet.shoot(&pose, bend, &self.temper.light, at_ms, frame_seed(self.seed, at_ms)))
    }
}
