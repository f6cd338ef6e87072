//! The puppet: one portrait, any pose.

use crate::PuppetError;
use crate::landmarks::MESH_POINTS;
use crate::light::Light;
use crate::model::Head;
use crate::pose::{CENTRE, EYES_CM, FOCAL_PX, NEAR_CM, Pose};
use crate::raster::{Corner, Plan};
use crate::vector::{V2, rotation};
use crate::{teeth, warp};
use image::RgbImage;
use nalgebra::Vector3;

/// The point the head turns about: on the neck, cm from the middle of the eyes (down, back).
const PIVOT_CM: [f32; 3] = [0.0, 4.0, 9.0];
/// Depth at which the still background lies, cm behind the eyes.
const BACKGROUND_DEPTH_CM: f32 = 12.0;
/// How much of the head's growth the background shows when the head comes closer (the hand moves the phone).
const BACKGROUND_GROWTH: f32 = 0.35;
/// Lip opening from which teeth are fully lit, in eye distances.
const TEETH_FROM: f32 = 1.0 / 12.0;

/// Something that can be held before the imagined camera.
pub trait Subject {
    /// The clean 640 × 480 picture of this pose, without light or grain.
    fn draw(&self, pose: &Pose) -> RgbImage;

    /// The picture as a camera sees it; the same seed gives the same grain.
    fn shoot(&self, pose: &Pose, light: &Light, noise_seed: u64) -> RgbImage {
        let mut frame = self.draw(pose);
        light.apply(&mut frame, noise_seed);
        frame
    }
}

/// A textured 3-D face made of one portrait.
pub struct Puppet {
    head: Head,
}

impl Puppet {
    /// `mesh`: the face found in `portrait`.
    ///
    /// # Errors
    /// A mesh of a face too small to texture.
    pub fn new(portrait: &face::Picture, mesh: &face::Mesh) -> Result<Self, PuppetError> {
        let (width, height) = (portrait.width(), portrait.height());
        let pixels = RgbImage::from_raw(width, height, portrait.rgb().to_vec());
        Self::from_rgb(&pixels.ok_or(PuppetError::NotAPicture)?, &mesh.points)
    }

    /// `mesh`: the 468 mesh points (x, y, z) in pixels of `portrait`.
    ///
    /// # Errors
    /// A mesh of another length, with values that are not numbers, or of a face too small to texture.
    pub fn from_rgb(portrait: &RgbImage, mesh: &[[f32; 3]]) -> Result<Self, PuppetError> {
        Ok(Self { head: Head::new(portrait, mesh)? })
    }

    /// Where every point falls on the frame, and its depth.
    fn corners(&self, pose: &Pose, centre: V2, background: f32) -> Vec<(V2, f32)> {
        let turn = rotation(pose.yaw, pose.pitch, pose.roll);
        let pivot = Vector3::from(PIVOT_CM);
        let shifts = warp::shifts(&self.head, pose);
        let shift = |i: usize| shifts.as_ref().filter(|_| i < MESH_POINTS).and_then(|s| s.get(i)).copied();
        let head = &self.head;
        let points = head.points.iter().zip(&head.still).zip(&head.follow).enumerate();
        points
            .map(|(i, ((&[x, y, z], &still), &follow))| {
                let d = shift(i).unwrap_or_default() * EYES_CM;
                let at = turn * (Vector3::new(x + d.x, y + d.y, z) - pivot) + pivot;
                let k = FOCAL_PX / (at.z + pose.dist_cm).max(1.0);
                let moving = V2::new(at.x, at.y) * k;
                let still = still * background;
                (
                    moving * follow + still * (1.0 - follow) + centre,
                    at.z * follow + BACKGROUND_DEPTH_CM * (1.0 - follow),
                )
            })
            .collect()
    }
}

impl Subject for Puppet {
    fn draw(&self, pose: &Pose) -> RgbImage {
        let centre = V2::new(CENTRE.0 + pose.tx, CENTRE.1 + pose.ty);
        let nearer = NEAR_CM / pose.dist_cm.max(1.0) - 1.0;
        let background = self.head.background_scale * (1.0 + BACKGROUND_GROWTH * nearer).max(0.1);
        let corners = self.corners(pose, centre, background);
        let mut plan = Plan::background(self.head.origin, centre, background);
        for triangle in &self.head.triangles {
            let mut drawn = [Corner::default(); 3];
            for ((corner, &i), &uv) in drawn.iter_mut().zip(&triangle.corners).zip(&triangle.uv) {
                let (at, depth) = corners.get(i).copied().unwrap_or_default();
                *corner = Corner { at, depth, uv };
            }
            plan.triangle(drawn, triangle.mouth);
        }
        let mut frame = plan.paint(&self.head.texture);
        if pose.mouth > 0.0 {
            teeth::paint(&mut frame, plan.mouth(), (pose.mouth / TEETH_FROM).min(1.0));
        }
        frame
    }
}
