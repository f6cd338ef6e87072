use nn::Session;

use crate::align::Similarity;
use crate::error::FaceError;
use crate::form::LandmarkForm;
use crate::geometry::{Detection, Point};
use crate::picture::Picture;

/// Points in a face mesh.
pub const MESH_LEN: usize = 468;

/// 468 points of a face (MediaPipe's order): x and y in picture pixels, z in the same scale, negative towards the camera.
///
/// z is what the network imagines; it also imagines depth in a flat picture, so it is no evidence of a living face.
#[derive(Clone)]
pub struct Mesh {
    pub points: Vec<[f32; 3]>,
}

impl Mesh {
    /// Point number `index` without its depth; `None` beyond 467.
    pub fn point(&self, index: usize) -> Option<Point> {
        self.points.get(index).map(|&[x, y, _]| Point::new(x, y))
    }

    /// How far the eyes are open: lid distance divided by eye width, mean of both eyes. About 0.3 open, below 0.15 shut;
    /// differs between people, so compare it with the same person's usual value only. `None` for an incomplete mesh.
    pub fn eye_openness(&self) -> Option<f32> {
        // Corners, then three pairs of upper and lower lid, of the eye at picture left and at picture right.
        const EYES: [([usize; 2], [[usize; 2]; 3]); 2] =
            [([33, 133], [[160, 144], [159, 145], [158, 153]]), ([362, 263], [[385, 380], [386, 374], [387, 373]])];
        let gap = |[a, b]: [usize; 2]| Some(self.point(a)?.distance(self.point(b)?));
        let mut sum = 0.0;
        for (corners, lids) in EYES {
            let width = gap(corners)?;
            let height: f32 = lids.into_iter().map(gap).sum::<Option<f32>>()? / 3.0;
            sum += if width > f32::EPSILON { height / width } else { 0.0 };
        }
        Some(sum / 2.0)
    }
}

impl Mesh {
    /// How far the lips are parted: the gap between the inner lips divided by the distance of the eyes' outer corners. 0 shut, about
    /// 0.1 speaking, 0.4 wide open. `None` for an incomplete mesh.
    pub fn mouth_openness(&self) -> Option<f32> {
        // Three pairs of inner upper and lower lip about the middle.
        const LIPS: [[usize; 2]; 3] = [[82, 87], [13, 14], [312, 317]];
        let gap = |[a, b]: [usize; 2]| Some(self.point(a)?.distance(self.point(b)?));
        let width = gap([33, 263])?;
        let open = LIPS.into_iter().map(gap).sum::<Option<f32>>()? / 3.0;
        Some(if width > f32::EPSILON { open / width } else { 0.0 })
    }
}

/// Runs a face landmark network on an upright square crop.
pub(crate) fn mesh(
    session: &mut Session,
    form: &LandmarkForm,
    picture: &Picture,
    face: &Detection,
) -> Result<Mesh, FaceError> {
    let side = form.margin * face.bbox.side();
    if !(side.is_finite() && side >= 1.0) {
        return Err(FaceError::DegeneratePoints);
    }
    let map = Similarity::crop_to_picture(face.bbox.center(), side, face.points.roll_degrees(), form.crop.size_f());
    let outputs = session.run(|input| form.crop.fill(input, picture, &map, false))?;
    let (raw, _) = outputs.named(&form.output, MESH_LEN * 3)?.as_chunks::<3>();
    let scale = side / form.crop.size_f();
    let place = |&[x, y, z]: &[f32; 3]| {
        let p = map.apply(Point::new(x, y));
        [p.x, p.y, z * scale]
    };
    Ok(Mesh { points: raw.iter().map(place).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mouth_is_as_open_as_its_inner_lips_are_apart() {
        let mut points = vec![[0.0; 3]; MESH_LEN];
        (points[33], points[263]) = ([0.0, 0.0, 5.0], [90.0, 0.0, 5.0]);
        for [up, down] in [[82, 87], [13, 14], [312, 317]] {
            (points[up], points[down]) = ([45.0, 60.0, 0.0], [45.0, 69.0, 0.0]);
        }
        let mesh = Mesh { points };
        assert!((mesh.mouth_openness().unwrap() - 0.1).abs() < 1e-6);
        assert_eq!(Mesh { points: vec![[0.0; 3]; 100] }.mouth_openness(), None);
    }

    #[test]
    fn openness_is_height_over_width_of_both_eyes() {
        let mut points = vec![[0.0; 3]; MESH_LEN];
        for (corners, lids, height) in [
            ([33, 133], [[160, 144], [159, 145], [158, 153]], 6.0),
            ([362, 263], [[385, 380], [386, 374], [387, 373]], 2.0),
        ] {
            points[corners[1]] = [20.0, 0.0, 0.0];
            for [up, down] in lids {
                points[up] = [10.0, -height / 2.0, 3.0];
                points[down] = [10.0, height / 2.0, 0.0];
            }
        }
        let mesh = Mesh { points };
        assert!((mesh.eye_openness().unwrap() - 0.2).abs() < 1e-6);
        assert!(Mesh { points: vec![[0.0; 3]; 100] }.eye_openness().is_none());
    }
}
