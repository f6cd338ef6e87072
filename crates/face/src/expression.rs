use nn::Session;

use crate::align::Similarity;
use crate::error::FaceError;
use crate::geometry::Detection;
use crate::picture::Picture;
use crate::warp::warp_square;

/// Side of the network's crop in pixels.
pub(crate) const SIZE: u32 = 112;
/// Name of the output.
pub(crate) const OUTPUT: &str = "prob";
const SIZE_F: f32 = 112.0;
const PLANE: usize = (SIZE * SIZE) as usize;
/// Outputs: neutral, happy, sad, angry, fearful, disgusted, surprised.
const CLASSES: usize = 7;
const HAPPY: usize = 1;

/// How happy the face looks, 0..=1 (face-api's expression network): the box padded to a square, planes of R, G, B in 0..=255.
pub(crate) fn happy(session: &mut Session, picture: &Picture, face: &Detection) -> Result<f32, FaceError> {
    let side = face.bbox.side();
    if !(side.is_finite() && side >= 1.0) {
        return Err(FaceError::DegeneratePoints);
    }
    // Upright on purpose without levelling the eyes: the network was trained on unturned boxes.
    let map = Similarity::crop_to_picture(face.bbox.center(), side, 0.0, SIZE_F);
    let outputs = session.run(|input| {
        let (red, rest) = input.split_at_mut(PLANE.min(input.len()));
        let (green, blue) = rest.split_at_mut(PLANE.min(rest.len()));
        warp_square(picture, &map, SIZE, |i, [r, g, b]| {
            for (plane, value) in [(&mut *red, r), (&mut *green, g), (&mut *blue, b)] {
                if let Some(pixel) = plane.get_mut(i) {
                    *pixel = value;
                }
            }
        });
    })?;
    let happy = outputs.named(OUTPUT, CLASSES)?.get(HAPPY).copied();
    happy.filter(|p| p.is_finite()).map(|p| p.clamp(0.0, 1.0)).ok_or(FaceError::NoVector)
}
