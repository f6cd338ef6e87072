use nn::Session;

use crate::align::Similarity;
use crate::error::FaceError;
use crate::form::ExpressionForm;
use crate::geometry::Detection;
use crate::picture::Picture;

/// How happy the face looks, 0..=1: the detector's box padded to a square.
pub(crate) fn happy(
    session: &mut Session,
    form: &ExpressionForm,
    picture: &Picture,
    face: &Detection,
) -> Result<f32, FaceError> {
    let side = face.bbox.side();
    if !(side.is_finite() && side >= 1.0) {
        return Err(FaceError::DegeneratePoints);
    }
    // Upright on purpose without levelling the eyes: the network was trained on unturned boxes.
    let map = Similarity::crop_to_picture(face.bbox.center(), side, 0.0, form.crop.size_f());
    let outputs = session.run(|input| form.crop.fill(input, picture, &map, false))?;
    let happy = outputs.named(&form.output, form.classes)?.get(form.happy).copied();
    happy.filter(|p| p.is_finite()).map(|p| p.clamp(0.0, 1.0)).ok_or(FaceError::NoVector)
}
