//! Where the head is and what it does, and the imagined camera.

/// Width of every rendered frame in pixels.
pub const FRAME_WIDTH: u32 = 640;
/// Height of every rendered frame in pixels.
pub const FRAME_HEIGHT: u32 = 480;
/// Distance at which a head fills the frame as on a phone held out, cm.
pub const NEAR_CM: f32 = 55.0;
/// Mean distance between the eyes of an adult, cm.
pub const EYES_CM: f32 = 6.3;
/// Distance between the eyes on the frame at [`NEAR_CM`], pixels.
pub const EYES_PX: f32 = 72.0;
/// Focal length of the imagined camera that makes it so, pixels.
pub const FOCAL_PX: f32 = EYES_PX * NEAR_CM / EYES_CM;
/// Distance from which the portrait is taken to have been photographed, cm.
pub const PORTRAIT_CM: f32 = 150.0;
/// Where the point between the eyes falls on the frame.
pub const CENTRE: (f32, f32) = (FRAME_WIDTH as f32 / 2.0, FRAME_HEIGHT as f32 * 0.47);

/// One pose of the head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Degrees; + = to the person's own left, the nose moves to picture right.
    pub yaw: f32,
    /// Degrees; + = nose down.
    pub pitch: f32,
    /// Degrees; + = clockwise on screen.
    pub roll: f32,
    /// Eyes to camera, cm.
    pub dist_cm: f32,
    /// 0 = as in the portrait, 0.8–0.9 = broad smile, −0.3 … −0.4 takes a slight smile away.
    pub smile: f32,
    /// How far the lips part and show teeth, in eye distances; 0 = as in the portrait.
    pub mouth: f32,
    /// 0 … 1: closes a mouth that is open in the portrait.
    pub shut: f32,
    /// Where the camera is aimed: shift of everything on the frame, pixels to the right.
    pub tx: f32,
    /// The same, pixels down.
    pub ty: f32,
}

impl Default for Pose {
    fn default() -> Self {
        Self { yaw: 0.0, pitch: 0.0, roll: 0.0, dist_cm: NEAR_CM, smile: 0.0, mouth: 0.0, shut: 0.0, tx: 0.0, ty: 0.0 }
    }
}

impl Pose {
    /// The pose `share` (0 … 1) of the way from `self` to `to`.
    pub fn towards(&self, to: &Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Self {
            yaw: mix(self.yaw, to.yaw),
            pitch: mix(self.pitch, to.pitch),
            roll: mix(self.roll, to.roll),
            dist_cm: mix(self.dist_cm, to.dist_cm),
            smile: mix(self.smile, to.smile),
            mouth: mix(self.mouth, to.mouth),
            shut: mix(self.shut, to.shut),
            tx: mix(self.tx, to.tx),
            ty: mix(self.ty, to.ty),
        }
    }
}
