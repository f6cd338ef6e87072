//! Movement over time: eased segments between poses, cut short when something new is asked.

use crate::pose::Pose;

#[derive(Clone, Copy, Debug)]
struct Segment {
    start_ms: f64,
    end_ms: f64,
    to: Pose,
}

/// A pose for every moment.
#[derive(Clone, Debug)]
pub struct Motion {
    from: Pose,
    segments: Vec<Segment>,
}

impl Motion {
    /// Rests in `pose`.
    pub fn resting(pose: Pose) -> Self {
        Self { from: pose, segments: Vec::new() }
    }

    /// The pose at this moment.
    pub fn at(&self, at_ms: f64) -> Pose {
        let mut pose = self.from;
        for s in &self.segments {
            let length = (s.end_ms - s.start_ms).max(1e-3);
            let share = ((at_ms - s.start_ms) / length).clamp(0.0, 1.0);
            if share <= 0.0 {
                break;
            }
            pose = pose.towards(&s.to, ease(share as f32));
        }
        pose
    }

    /// Forgets everything planned from `at_ms` on and stays there.
    pub fn stop_at(&mut self, at_ms: f64) {
        let pose = self.at(at_ms);
        self.segments.retain(|s| s.end_ms <= at_ms);
        if self.at(at_ms) != pose {
            // The cut fell into a segment: rest in the pose that was reached.
            *self = Self::resting(pose);
        }
    }

    /// Moves to `to` within `length_ms`, after all that is planned and not before `earliest_ms`.
    pub fn then(&mut self, to: Pose, earliest_ms: f64, length_ms: f64) {
        let start_ms = self.segments.last().map_or(earliest_ms, |s| s.end_ms.max(earliest_ms));
        self.segments.push(Segment { start_ms, end_ms: start_ms + length_ms.max(0.0), to });
    }
}

/// Slow start, slow end.
fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaw(yaw: f32) -> Pose {
        Pose { yaw, ..Pose::default() }
    }

    #[test]
    fn eases_from_rest_to_the_target_and_stays() {
        let mut m = Motion::resting(yaw(0.0));
        m.then(yaw(20.0), 100.0, 400.0);
        assert_eq!(m.at(100.0).yaw, 0.0);
        assert_eq!(m.at(300.0).yaw, 10.0);
        assert_eq!(m.at(9000.0).yaw, 20.0);
    }

    #[test]
    fn a_stop_mid_way_keeps_the_pose_that_was_reached() {
        let mut m = Motion::resting(yaw(0.0));
        m.then(yaw(20.0), 0.0, 400.0);
        m.then(yaw(-20.0), 0.0, 400.0);
        m.stop_at(200.0);
        assert_eq!(m.at(5000.0).yaw, 10.0);
        m.then(yaw(0.0), 200.0, 100.0);
        assert_eq!(m.at(250.0).yaw, 5.0);
    }

    #[test]
    fn a_cut_has_no_frame_in_between() {
        let mut m = Motion::resting(yaw(0.0));
        m.then(yaw(20.0), 100.0, 0.0);
        assert_eq!(m.at(100.0).yaw, 0.0);
        assert_eq!(m.at(100.1).yaw, 20.0);
    }
}
