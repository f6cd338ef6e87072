use nn::Session;

use crate::align::{ARCFACE_TEMPLATE, Similarity};
use crate::embedding::{EMBEDDING_LEN, Embedding};
use crate::error::FaceError;
use crate::geometry::FivePoints;
use crate::picture::Picture;
use crate::warp::warp_square;

/// Side of the aligned crop in pixels.
pub(crate) const SIZE: u32 = 112;
/// Name of the output.
pub(crate) const OUTPUT: &str = "fc1";
const PLANE: usize = (SIZE * SIZE) as usize;

/// Maps pixels of the aligned crop onto the picture.
pub(crate) fn aligned_to_picture(points: &FivePoints) -> Result<Similarity, FaceError> {
    Similarity::fit(&points.0, &ARCFACE_TEMPLATE).and_then(|s| s.inverse()).ok_or(FaceError::DegeneratePoints)
}

/// Makes a face vector with SFace: aligned crop, planes of R, G, B in 0..=255 (no mean, no deviation).
pub(crate) fn embed(session: &mut Session, picture: &Picture, points: &FivePoints) -> Result<Embedding, FaceError> {
    let map = aligned_to_picture(points)?;
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
    Embedding::from_raw(outputs.named(OUTPUT, EMBEDDING_LEN)?)
}
