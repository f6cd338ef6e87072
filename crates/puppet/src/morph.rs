//! A face swap in real time: the payer's face laid over the movements and surroundings of somebody else.

use crate::PuppetError;
use crate::act::Act;
use crate::actor::{Actor, Person};
use crate::pose::{CENTRE, EYES_PX};
use image::{Rgb, RgbImage};

/// Half axes of the swapped part around the eyes, in eye distances, and how far its rim fades.
const PART: [f32; 2] = [1.0, 1.45];
/// See [`PART`].
const FADE: f32 = 0.18;

/// Two puppets with one temper: the attacker everywhere, the payer's face in the middle of it.
pub struct FaceSwap {
    payer: Person,
    attacker: Person,
    strength: f32,
}

impl FaceSwap {
    /// Both must have been made with the same seed, so that they move alike. `strength`: share of the payer, 0 … 1.
    pub const fn new(payer: Person, attacker: Person, strength: f32) -> Self {
        Self { payer, attacker, strength }
    }
}

impl Actor for FaceSwap {
    fn ask(&mut self, act: Act, at_ms: f64) {
        self.payer.ask(act, at_ms);
        self.attacker.ask(act, at_ms);
    }

    fn hear(&mut self, hint: &str, at_ms: f64) {
        self.payer.hear(hint, at_ms);
        self.attacker.hear(hint, at_ms);
    }

    fn shot(&mut self, at_ms: f64) -> Result<RgbImage, PuppetError> {
        let pose = self.payer.pose(at_ms);
        let (face, mut frame) = (self.payer.picture(at_ms), self.attacker.picture(at_ms));
        let unit = EYES_PX * crate::NEAR_CM / pose.dist_cm.max(1.0);
        let shift = pose.yaw.to_radians().sin() * 0.6;
        for (x, y, Rgb(pixel)) in frame.enumerate_pixels_mut() {
            let (u, v) =
                ((x as f32 - CENTRE.0 - pose.tx) / unit - shift, (y as f32 - CENTRE.1 - pose.ty) / unit - 0.35);
            let inside = 1.0 - ((u / PART[0]).powi(2) + (v / PART[1]).powi(2)).sqrt();
            let share = (inside / FADE).clamp(0.0, 1.0) * self.strength;
            let Rgb(other) = *face.get_pixel(x, y);
            for (own, other) in pixel.iter_mut().zip(other) {
                *own = (f32::from(*own) * (1.0 - share) + f32::from(other) * share) as u8;
            }
        }
        Ok(frame)
    }
}

/// Somebody else moves; the payer's face is cut in for the neutral and the smiling parts.
pub struct IdentitySwap {
    payer: Person,
    attacker: Person,
    payer_is_up: bool,
}

impl IdentitySwap {
    /// With one seed both hold themselves alike, so that only the face changes.
    pub const fn new(payer: Person, attacker: Person) -> Self {
        Self { payer, attacker, payer_is_up: true }
    }
}

impl Actor for IdentitySwap {
    fn ask(&mut self, act: Act, at_ms: f64) {
        self.payer.ask(act, at_ms);
        self.attacker.ask(act, at_ms);
        self.payer_is_up = matches!(act, Act::Neutral | Act::Smile | Act::Still | Act::Hold);
    }

    fn hear(&mut self, hint: &str, at_ms: f64) {
        self.payer.hear(hint, at_ms);
        self.attacker.hear(hint, at_ms);
    }

    fn shot(&mut self, at_ms: f64) -> Result<RgbImage, PuppetError> {
        if self.payer_is_up { self.payer.shot(at_ms) } else { self.attacker.shot(at_ms) }
    }
}
