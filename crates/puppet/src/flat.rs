//! The same picture as a rigid plane: a held photograph, tilted and moved.

use crate::pose::{CENTRE, FOCAL_PX, FRAME_HEIGHT, FRAME_WIDTH, NEAR_CM, Pose};
use crate::puppet::{Puppet, Subject};
use crate::raster;
use crate::vector::{V2, rotation};
use image::{Rgb, RgbImage, imageops};
use nalgebra::{Matrix3, Vector3};

/// Blur of the room behind the photograph, pixels.
const ROOM_BLUR: f32 = 25.0;

/// A photograph of a puppet, as large as the frame when it is held straight at arm's length.
pub struct Flat {
    picture: RgbImage,
    room: RgbImage,
}

impl Flat {
    /// Photographs `puppet` with this much of a smile.
    pub fn of(puppet: &Puppet, smile: f32, mouth: f32) -> Self {
        Self::photograph(puppet.draw(&Pose { smile, mouth, ..Pose::default() }))
    }

    fn photograph(picture: RgbImage) -> Self {
        let room = imageops::fast_blur(&imageops::flip_horizontal(&picture), ROOM_BLUR);
        Self { picture, room }
    }

    /// From frame pixels back to picture pixels, both from their centre; `None` when seen edge-on.
    fn back_projection(pose: &Pose) -> Option<Matrix3<f32>> {
        let turn = rotation(pose.yaw, pose.pitch, pose.roll);
        let cm = NEAR_CM / FOCAL_PX;
        let (right, down) = (turn.column(0) * cm, turn.column(1) * cm);
        let away = Vector3::new(0.0, 0.0, pose.dist_cm);
        let camera = Matrix3::from_diagonal(&Vector3::new(FOCAL_PX, FOCAL_PX, 1.0));
        (camera * Matrix3::from_columns(&[right, down, away])).try_inverse()
    }
}

impl Subject for Flat {
    fn draw(&self, pose: &Pose) -> RgbImage {
        let mut out = self.room.clone();
        let Some(back) = Self::back_projection(pose) else {
            return out;
        };
        let centre = V2::new(CENTRE.0, CENTRE.1);
        let (w, h) = (FRAME_WIDTH as f32 - 1.0, FRAME_HEIGHT as f32 - 1.0);
        let size = (FRAME_WIDTH as usize, FRAME_HEIGHT as usize);
        for (x, y, Rgb(pixel)) in out.enumerate_pixels_mut() {
            let (u, v) = (x as f32 - centre.x - pose.tx, y as f32 - centre.y - pose.ty);
            let p = back * Vector3::new(u, v, 1.0);
            if p.z <= 0.0 {
                continue;
            }
            let at = V2::new(p.x / p.z, p.y / p.z) + centre;
            if at.x >= 0.0 && at.y >= 0.0 && at.x <= w && at.y <= h {
                raster::sample(self.picture.as_raw(), size, at, pixel);
            }
        }
        out
    }
}
