//! Test kit: a textured 3-D face made of one portrait, photographs of it, and the attacks a checkout must refuse.
//!
//! Everything is deterministic: the same portrait, seed and moments give the same pixels.
//! A [`Cast`] is a portrait made to move; an [`Actor`] answers prompts and is photographed.

mod act;
mod actor;
mod attack;
mod codec;
mod error;
mod exhibit;
mod flat;
mod handheld;
mod holder;
mod landmarks;
mod light;
mod look;
mod model;
mod morph;
mod motion;
mod pose;
mod puppet;
mod raster;
mod script;
mod sheet;
mod shine;
mod species;
mod symmetry;
mod tape;
mod teeth;
mod temper;
mod texture;
mod vector;
mod warp;

pub use act::Act;
pub use actor::{Actor, Cast, Onset, Person};
pub use attack::{Photographs, Replay};
pub use codec::{jpeg, recompress, write_y4m};
pub use error::PuppetError;
pub use exhibit::Exhibit;
pub use flat::Flat;
pub use handheld::{Around, Handheld, around_frames};
pub use holder::{Holder, Pictures};
pub use light::Light;
pub use look::Look;
pub use morph::{FaceSwap, IdentitySwap};
pub use pose::{FRAME_HEIGHT, FRAME_WIDTH, NEAR_CM, Pose};
pub use puppet::{Puppet, Subject};
pub use script::{FPS, act_frames, clock};
pub use sheet::{Glow, Medium};
pub use species::Species;
pub use tape::{Cut, Editor, Tape};
pub use temper::Temper;

/// A rendered frame as a picture of the face reader.
///
/// # Errors
/// Never for frames rendered here.
pub fn picture(frame: image::RgbImage) -> Result<face::Picture, PuppetError> {
    let (width, height) = frame.dimensions();
    face::Picture::from_rgb(width, height, frame.into_raw()).map_err(|_| PuppetError::NotAPicture)
}

/// A seed for the grain of one frame of a capture.
pub(crate) fn frame_seed(seed: u64, at_ms: f64) -> u64 {
    seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ at_ms.to_bits()
}
