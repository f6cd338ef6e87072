//! The light of the screen in front of a face.

use crate::pose::{CENTRE, EYES_PX, NEAR_CM, Pose};
use image::{Rgb, RgbImage};

/// Half axes of the lit head around the eyes, in eye distances, and how far its rim fades.
const HEAD: [f32; 2] = [1.2, 1.9];
/// The middle of the head is below the eyes, in eye distances.
const BELOW: f32 = 0.35;
const FADE: f32 = 0.35;
/// What reaches the wall, as a share: two metres behind a face at half a metre.
const WALL: f32 = 0.06;
/// Steps of the strength: finer than eight bits show.
const STEPS: usize = 64;

/// Adds the light of a screen that shows `rgb`, `glow` times as strong as the room's at the face's distance in
/// [`Pose::default`]; it falls off with the square of the distance.
pub(crate) fn on(frame: &mut RgbImage, pose: &Pose, rgb: [u8; 3], glow: f32) {
    let glow = glow * (NEAR_CM / pose.dist_cm.max(1.0)).powi(2);
    let unit = EYES_PX * NEAR_CM / pose.dist_cm.max(1.0);
    let linear = rgb.map(|v| (f32::from(v) / 255.0).powf(2.2));
    // A surface's colour times (1 + light), in the frame's own tones.
    let tables: [[f32; STEPS + 1]; 3] =
        linear.map(|light| std::array::from_fn(|i| (1.0 + glow * light * i as f32 / STEPS as f32).powf(1.0 / 2.2)));
    for (x, y, Rgb(pixel)) in frame.enumerate_pixels_mut() {
        let u = (x as f32 - CENTRE.0 - pose.tx) / unit / HEAD[0];
        let v = ((y as f32 - CENTRE.1 - pose.ty) / unit - BELOW) / HEAD[1];
        let share = ((1.0 - u.hypot(v)) / FADE + 1.0).clamp(WALL, 1.0);
        let place = (share * STEPS as f32) as usize;
        for (value, table) in pixel.iter_mut().zip(&tables) {
            *value = (f32::from(*value) * table.get(place).copied().unwrap_or(1.0)).min(255.0) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_face_takes_the_colour_and_the_wall_hardly_does() {
        let mut frame = RgbImage::from_pixel(640, 480, Rgb([120, 120, 120]));
        on(&mut frame, &Pose::default(), [120, 180, 255], 0.2);
        let Rgb([red, _, blue]) = *frame.get_pixel(320, 240);
        let Rgb([wall_red, _, wall_blue]) = *frame.get_pixel(10, 240);
        assert!(blue >= red + 6, "{red} {blue}");
        assert!(wall_blue <= wall_red + 2, "{wall_red} {wall_blue}");
    }
}
