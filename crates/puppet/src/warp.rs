//! Smiling, parting and closing the lips: shifts of the 468 points in the plane of the face.
//! The amounts were chosen by looking, on the three portraits the project uses.
#![expect(
    clippy::indexing_slicing,
    reason = "point numbers are below MESH_POINTS, and Head holds exactly that many plane points"
)]

use crate::landmarks::{
    LEFT_SIDE, LOWER_INNER, LOWER_OUTER, MESH_POINTS, RIGHT_SIDE, UPPER_INNER, UPPER_OUTER, is_inner_lip,
};
use crate::model::Head;
use crate::pose::Pose;
use crate::vector::V2;

/// Shift of each mesh point for this pose, in eye distances; `None` when the face stays as in the portrait.
pub fn shifts(head: &Head, pose: &Pose) -> Option<Vec<V2>> {
    if pose.smile == 0.0 && pose.mouth == 0.0 && pose.shut == 0.0 {
        return None;
    }
    let mut warp = Warp {
        at: &head.plane,
        across: V2::new(1.0, 0.0),
        down: V2::new(0.0, 1.0),
        shift: vec![V2::default(); MESH_POINTS],
    };
    warp.smile(pose.smile);
    if pose.mouth > 0.0 {
        warp.part_lips(pose.mouth);
    }
    if pose.shut > 0.0 {
        warp.close_lips(pose.shut);
    }
    Some(warp.shift)
}

struct Warp<'a> {
    at: &'a [V2],
    across: V2,
    down: V2,
    shift: Vec<V2>,
}

impl Warp<'_> {
    /// Moves everything near `point` by `by`, falling off as a Gauss bell of width `sigma`.
    fn pull(&mut self, point: usize, sigma: f32, by: V2) {
        let centre = self.at[point];
        for (shift, &p) in self.shift.iter_mut().zip(self.at) {
            let d = p - centre;
            *shift += by * (-d.dot(d) / (2.0 * sigma * sigma)).exp();
        }
    }

    fn smile(&mut self, amount: f32) {
        let (across, down) = (self.across * amount, self.down * amount);
        for side in [LEFT_SIDE, RIGHT_SIDE] {
            let out = across * side.outward;
            self.pull(side.corner, 0.17, out * 0.15 - down * 0.13);
            self.pull(side.cheek, 0.16, out * 0.03 - down * 0.09);
            self.pull(side.cheekbone, 0.12, down * -0.035);
        }
        self.pull(UPPER_OUTER[4], 0.12, down * -0.03);
    }

    /// Lower lip down, upper lip slightly up, most in the middle.
    fn part_lips(&mut self, amount: f32) {
        let middle = (self.at[UPPER_INNER[5]] + self.at[LOWER_INNER[4]]) * 0.5;
        let half = 0.5 * (self.at[LEFT_SIDE.corner] - self.at[RIGHT_SIDE.corner]).norm();
        let mut part = |points: &[usize], k: f32| {
            for &i in points {
                let x = (self.at[i] - middle).dot(self.across) / half.max(1e-6);
                let bow = (1.0 - x * x).max(0.0);
                self.shift[i] += self.down * (bow * k * amount);
            }
        };
        part(&UPPER_INNER, -0.35);
        part(&UPPER_OUTER, -0.3);
        part(&LOWER_INNER, 0.65);
        part(&LOWER_OUTER, 0.6);
    }

    /// The inner lips meet; the rest of the lower face follows.
    fn close_lips(&mut self, amount: f32) {
        let mut gap = 0.0f32;
        let lips = UPPER_INNER[1..10].iter().copied().zip(LOWER_INNER);
        for ((up, low), (up_out, low_out)) in lips.zip(UPPER_OUTER.into_iter().zip(LOWER_OUTER)) {
            let meet = self.at[up] * 0.62 + self.at[low] * 0.38;
            let (lower, raise) = ((meet - self.at[up]) * amount, (meet - self.at[low]) * amount);
            self.shift[up] += lower;
            self.shift[up_out] += lower * 0.6;
            self.shift[low] += raise;
            self.shift[low_out] += raise * 0.95;
            gap = gap.max(raise.dot(self.down).abs());
        }
        let chin = self.at[LOWER_OUTER[4]];
        for (i, (shift, &p)) in self.shift.iter_mut().zip(self.at).enumerate() {
            let lip = is_inner_lip(i) || UPPER_OUTER.contains(&i) || LOWER_OUTER.contains(&i);
            if lip || i == LEFT_SIDE.corner || i == RIGHT_SIDE.corner {
                continue;
            }
            let (x, y) = ((p - chin).dot(self.across), (p - chin).dot(self.down));
            let weight = (-(x / 0.45).powi(2)).exp() * ((y + 0.12) / 0.12).clamp(0.0, 1.0);
            *shift += self.down * (-gap * 0.9 * weight);
        }
    }
}
