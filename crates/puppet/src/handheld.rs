//! A phone in a hand, moved around an [`Exhibit`] as it is asked.

use std::sync::Arc;

use crate::codec;
use crate::exhibit::{Exhibit, USUAL_CM};
use crate::motion::Motion;
use crate::pose::{NEAR_CM, Pose};
use crate::script::clock;
use crate::temper::Temper;
use crate::{PuppetError, frame_seed};
use image::RgbImage;

/// What is asked of the hand, named as in the capture protocol's prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Around {
    /// Straight before it.
    Show,
    Closer,
    Back,
    /// The camera goes to the object's left, as it is seen.
    FromLeft,
    FromRight,
}

impl Around {
    /// All of them, in the order of the exports.
    pub const ALL: [Self; 5] = [Self::Show, Self::Closer, Self::Back, Self::FromLeft, Self::FromRight];

    /// The protocol's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Closer => "closer",
            Self::Back => "back",
            Self::FromLeft => "from_left",
            Self::FromRight => "from_right",
        }
    }

    /// The movement for a protocol word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }
}

/// Distances when asked to come closer or to move back, as shares of the usual one.
const CLOSER: f32 = 1.0 / 1.45;
const BACK: f32 = 1.45;
/// Degrees around the object, before the hand's own habit.
const SIDE_DEGREES: f32 = 27.0;
const MOVE_MS: f64 = 1100.0;
/// How long a movement is held in prepared sequences, how long one lasts with the way back, and how long one without a movement, ms.
const HOLD_UNTIL_MS: f64 = 2_800.0;
const WHOLE_MS: f64 = 4_800.0;
const STILL_MS: f64 = 1_600.0;
/// Of these sequences every second picture is drawn: the hand is slow, and drawing is what takes time.
const EVERY: usize = 2;

/// See the module.
pub struct Handheld {
    exhibit: Arc<Exhibit>,
    temper: Temper,
    motion: Motion,
    doing: Around,
    page: usize,
    seed: u64,
}

impl Handheld {
    /// Before the exhibit's picture number `page`; the seed gives hand, distance and light.
    pub fn new(exhibit: Arc<Exhibit>, page: usize, seed: u64) -> Self {
        let temper = Temper::draw(seed);
        let motion = Motion::resting(rest(&temper));
        Self { exhibit, temper, motion, doing: Around::Show, page, seed }
    }

    /// Lays another picture of the same thing before the camera.
    pub fn turn_page(&mut self) {
        self.page += 1;
    }

    /// The prompt was heard at this moment, ms since the capture began.
    pub fn ask(&mut self, around: Around, at_ms: f64) {
        if around == self.doing {
            return;
        }
        self.doing = around;
        let start = at_ms + self.temper.reaction_ms;
        self.motion.stop_at(start);
        // Every movement is told from the straight view.
        let straight = rest(&self.temper);
        let side = SIDE_DEGREES * self.temper.turn_degrees / 36.0;
        let to = match around {
            Around::Show => straight,
            Around::Closer => Pose { dist_cm: straight.dist_cm * CLOSER, ..straight },
            Around::Back => Pose { dist_cm: straight.dist_cm * BACK, ..straight },
            Around::FromLeft => Pose { yaw: side, ..straight },
            Around::FromRight => Pose { yaw: -side, ..straight },
        };
        self.motion.then(to, start, MOVE_MS * self.temper.pace);
    }

    /// A hint was heard: a little more of it.
    pub fn hear(&mut self, hint: &str, at_ms: f64) {
        let now = self.motion.at(at_ms);
        let to = match hint {
            "come_closer" => Pose { dist_cm: now.dist_cm * 0.9, ..now },
            "move_back" => Pose { dist_cm: now.dist_cm * 1.1, ..now },
            _ => return,
        };
        self.motion.stop_at(at_ms);
        self.motion.then(to, at_ms, MOVE_MS / 2.0);
    }

    /// The picture that the camera takes at this moment.
    pub fn shot(&self, at_ms: f64) -> RgbImage {
        let pose = self.temper.shake(self.motion.at(at_ms), at_ms);
        let mut frame = self.exhibit.show(self.page, &pose);
        self.temper.light.apply(&mut frame, frame_seed(self.seed, at_ms));
        frame
    }

    /// The same as JPEG.
    ///
    /// # Errors
    /// When the picture cannot be encoded.
    pub fn frame(&self, at_ms: f64) -> Result<Vec<u8>, PuppetError> {
        codec::jpeg(&self.shot(at_ms))
    }
}

fn rest(temper: &Temper) -> Pose {
    let (tx, ty) = (temper.shift.0 * 0.4, temper.shift.1 * 0.4);
    Pose { dist_cm: USUAL_CM * temper.dist_cm / NEAR_CM, tx, ty, ..Pose::default() }
}

/// JPEG frames at half of [`crate::FPS`] of one movement and the way back, for players that cannot render.
///
/// # Errors
/// As [`Handheld::frame`].
pub fn around_frames(mut hand: Handheld, around: Around) -> Result<Vec<Vec<u8>>, PuppetError> {
    hand.ask(around, 0.0);
    let mut back = false;
    let mut frames = Vec::new();
    let lasts = if around == Around::Show { STILL_MS } else { WHOLE_MS };
    for at_ms in clock(lasts).step_by(EVERY) {
        if at_ms >= HOLD_UNTIL_MS && !back {
            hand.ask(Around::Show, at_ms);
            back = true;
        }
        frames.push(hand.frame(at_ms)?);
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(seed: u64) -> Handheld {
        Handheld::new(Arc::new(Exhibit::tattoo(3)), 0, seed)
    }

    #[test]
    fn the_same_seed_gives_the_same_pictures_and_another_tattoo_is_another() {
        let (a, b) = (hand(1).shot(100.0), hand(1).shot(100.0));
        assert!(a == b && a != hand(2).shot(100.0));
        let other = Handheld::new(Arc::new(Exhibit::tattoo(4)), 0, 1).shot(100.0);
        let differing = a.pixels().zip(other.pixels()).filter(|(p, q)| p.0[0].abs_diff(q.0[0]) > 40).count();
        assert!(differing > 10_000, "{differing}");
    }

    #[test]
    fn a_prepared_sequence_holds_its_pose_from_picture_15_to_24_and_comes_back() {
        // `tests/browser/puppet.mjs` goes from one to the other when the next movement is asked for.
        let ink = |jpeg: &Vec<u8>| {
            let picture = face::Picture::decode(jpeg, &face::DecodeLimits::frame()).unwrap();
            picture.rgb().chunks_exact(3).filter(|p| p[0] < 90).count() as f32
        };
        let frames: Vec<f32> = around_frames(hand(5), Around::Closer).unwrap().iter().map(ink).collect();
        let near = |a: f32, b: f32| (a / b - 1.0).abs() < 0.05;
        assert!(near(frames[15], frames[24]) && frames[15] > 1.4 * frames[0], "{frames:?}");
        assert!(near(frames[0], frames[35]) && frames.len() == 36, "{frames:?}");
    }

    #[test]
    fn coming_closer_makes_it_larger_and_a_side_step_shows_the_side() {
        // Ink is dark: count it, and where it is.
        let ink = |picture: &RgbImage| picture.pixels().filter(|p| p.0[0] < 90).count();
        let mut hand = hand(5);
        let straight = ink(&hand.shot(0.0));
        hand.ask(Around::Closer, 0.0);
        assert!(ink(&hand.shot(4_000.0)) as f32 > 1.4 * straight as f32);
        hand.ask(Around::Back, 4_000.0);
        assert!(ink(&hand.shot(8_000.0)) < straight * 3 / 4);
        assert_eq!(Around::from_name("from_left"), Some(Around::FromLeft));
    }
}
